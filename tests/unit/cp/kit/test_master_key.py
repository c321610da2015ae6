"""Where the master key comes from, what is refused, and that a new one never takes an old one's place."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wisehosting_cp.cli import app
from wisehosting_cp.kit import master_key

GOOD = os.urandom(32)


def _file(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that systemd would make for LoadCredential=."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_the_file_of_the_setting_counts_where_there_is_no_credential(tmp_path: Path, credentials: Path) -> None:
    assert master_key.load(_file(tmp_path / "master.key", GOOD)) == GOOD


def test_the_credential_wins_and_the_file_is_not_even_read(tmp_path: Path, credentials: Path) -> None:
    _file(credentials / master_key.CREDENTIAL, GOOD, 0o400)
    assert master_key.load(tmp_path / "not there") == GOOD
    assert master_key.load(None) == GOOD


def test_a_credential_of_a_unit_with_a_user_shows_a_group_that_can_read_and_is_taken(credentials: Path) -> None:
    _file(credentials / master_key.CREDENTIAL, GOOD, 0o440)
    assert master_key.load(None) == GOOD


def test_a_credential_that_everybody_can_read_is_refused(credentials: Path) -> None:
    _file(credentials / master_key.CREDENTIAL, GOOD, 0o444)
    with pytest.raises(ValueError, match="readable by others"):
        master_key.load(None)


def test_without_file_and_credential_both_ways_and_the_command_are_named() -> None:
    with pytest.raises(ValueError, match=r"WISEHOSTING_MASTER_KEY_FILE.*LoadCredential=.*wh-cp keys new"):
        master_key.load(None)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_reach_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path / "master.key", GOOD, mode)
    with pytest.raises(ValueError, match=f"chmod 600 {path}"):
        master_key.load(path)


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        b"\xff" * 32,
        bytes(range(32)),
        bytes(range(128, 160)),
        bytes(range(32, 0, -1)),
        b"0123456789abcdef0123456789abcdef",
        b"change-me-please-change-me-pleas",
        os.urandom(8) * 4,
        bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
        GOOD[:31],
        GOOD + b"\n",
        GOOD.hex().encode(),
    ],
    ids=[
        "zeros",
        "ones",
        "rising",
        "rising high",
        "falling",
        "typed digits",
        "typed words",
        "repeated",
        "published",
        "short",
        "long",
        "hex",
    ],
)
def test_keys_that_no_random_source_gives_are_refused_without_being_shown(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(ValueError, match="wh-cp keys new") as refused:
        master_key.load(_file(tmp_path / "master.key", key))
    assert key.hex() not in str(refused.value)
    assert repr(key)[2:-1] not in str(refused.value)


def test_random_keys_are_never_refused() -> None:
    for _ in range(5000):
        master_key.checked(os.urandom(32), "it")


def test_the_command_writes_a_key_that_is_good_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = os.umask(0)
    try:
        made = CliRunner().invoke(app, ["keys", "new", str(path)])
    finally:
        os.umask(before)
    assert made.exit_code == 0, made.output
    assert f"WISEHOSTING_MASTER_KEY_FILE={path}" in made.output
    assert path.stat().st_mode & 0o777 == 0o600
    key = master_key.load(path)
    again = CliRunner().invoke(app, ["keys", "new", str(path)])
    assert again.exit_code == 1
    assert "is kept" in again.output
    assert master_key.load(path) == key


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["keys", "new", str(tmp_path / "no" / "master.key")])
    assert done.exit_code == 1
    assert "No such file or directory" in done.output
