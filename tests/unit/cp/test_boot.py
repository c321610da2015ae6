"""`wh-cp serve` with each secret missing, empty, short, a sample or readable by others: refused, named, not shown."""

import contextlib
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wisehosting_cp.cli import app
from wisehosting_cp.local.certificate import ensure_certificate
from wisehosting_cp.settings import SAMPLE_WORDS, Settings, check_secrets, read_secret

FILES = {
    "WISEHOSTING_MASTER_KEY_FILE": "master.key",
    "WISEHOSTING_API_SERVER_SECRET_FILE": "api_server.secret",
    "WISEHOSTING_OIDC_CLIENT_SECRET_FILE": "oidc.secret",
    "WISEHOSTING_MESH_KEY_FILE": "mesh.key",
}
SAMPLES = {
    "WISEHOSTING_MASTER_KEY_FILE": bytes(range(32)),
    "WISEHOSTING_API_SERVER_SECRET_FILE": b"changeme-changeme-changeme-changeme-changeme",
    "WISEHOSTING_OIDC_CLIENT_SECRET_FILE": b"example_client_secret",
    "WISEHOSTING_MESH_KEY_FILE": b"put your private key here",
}
WRONG = {
    "missing": "No such file",
    "empty": "is empty",
    "short": "shorter than|it holds|no private key",
    "sample": "sample|no private key",
    "world-readable": "chmod 600",
}
NEXT = {
    "WISEHOSTING_MASTER_KEY_FILE": "wh-cp keys new",
    "WISEHOSTING_API_SERVER_SECRET_FILE": "openssl rand",
    "WISEHOSTING_OIDC_CLIENT_SECRET_FILE": "Copy it from",
    "WISEHOSTING_MESH_KEY_FILE": "Put the private key",
}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """What a unit would give the control plane in production, all of it good but the database, which is not there."""
    contents = {
        "master.key": os.urandom(32),
        "api_server.secret": secrets.token_urlsafe(36).encode(),
        "oidc.secret": secrets.token_urlsafe(24).encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    ensure_certificate(tmp_path / "mesh.crt", tmp_path / "mesh.key")
    return {
        "WISEHOSTING_DATABASE_DSN": f"postgresql://nobody@/nothing?host={tmp_path}",
        "WISEHOSTING_PUBLIC_URL": "https://hosting.example.org",
        "WISEHOSTING_OIDC_ISSUER": "https://accounts.example.org",
        "WISEHOSTING_OIDC_CLIENT_ID": "client",
        "WISEHOSTING_STATE_DIR": str(tmp_path / "state"),
        "WISEHOSTING_MESH_CERTIFICATE_FILE": str(tmp_path / "mesh.crt"),
        **{setting: str(tmp_path / name) for setting, name in FILES.items()},
    }


@dataclass(frozen=True)
class Done:
    """How a start ended."""

    code: int
    said: str


Serve = Callable[[Mapping[str, str]], Done]


def _process(environ: Mapping[str, str]) -> Done:
    """Start it as a unit does."""
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    argv = [sys.executable, "-c", "from wisehosting_cp.cli import main; main()", "serve"]
    done = subprocess.run(argv, env={**inherited, **environ}, capture_output=True, text=True, timeout=60, check=False)
    return Done(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """The same command inside this process: a start of Python for each case would take a minute."""
    for name in [name for name in os.environ if name.startswith("WISEHOSTING_") or name == "CREDENTIALS_DIRECTORY"]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(logging.getLogger(), "handlers", logging.getLogger().handlers)

    def run(environ: Mapping[str, str]) -> Done:
        done = CliRunner().invoke(app, ["serve"], env=dict(environ))
        return Done(done.exit_code, done.output)

    return run


def _spoil(path: Path, wrong: str, sample: bytes) -> None:
    if wrong == "missing":
        path.unlink()
    elif wrong == "world-readable":
        path.chmod(0o644)
    else:
        path.write_bytes({"empty": b"", "short": secrets.token_urlsafe(9).encode(), "sample": sample}[wrong])


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("setting", FILES)
def test_the_start_is_refused_names_the_setting_and_what_to_do_and_shows_no_secret(
    production: dict[str, str], setting: str, wrong: str, serve: Serve
) -> None:
    path = Path(production[setting])
    _spoil(path, wrong, SAMPLES[setting])
    contents = [Path(production[name]).read_bytes() for name in FILES if Path(production[name]).exists()]
    done = serve(production)
    said = done.said
    assert done.code == 1, said
    assert "Traceback" not in said
    assert setting in said
    assert str(path) in said
    assert any(part in said for part in WRONG[wrong].split("|")), said
    assert (f"chmod 600 {path}" if wrong == "world-readable" else NEXT[setting]) in said
    for content in filter(None, contents):
        for shown in (content.decode("latin-1").strip(), content.hex(), repr(content)[2:-1]):
            assert shown not in said


def test_good_secrets_are_passed_and_the_database_is_what_is_missing(production: dict[str, str], serve: Serve) -> None:
    done = serve(production)
    assert done.code == 1
    assert not [setting for setting in FILES if setting in done.said]
    assert "No such file" in done.said or "onnect" in done.said, done.said


def test_the_process_itself_ends_with_the_message_and_without_a_traceback(production: dict[str, str]) -> None:
    path = Path(production["WISEHOSTING_MASTER_KEY_FILE"])
    path.chmod(0o640)
    done = _process(production)
    assert done == Done(1, f"WISEHOSTING_MASTER_KEY_FILE: {path} is readable by others. Run: chmod 600 {path}\n")


def test_without_a_master_key_of_any_kind_both_ways_to_give_one_are_named(
    production: dict[str, str], serve: Serve
) -> None:
    del production["WISEHOSTING_MASTER_KEY_FILE"]
    done = serve(production)
    assert done.code == 1
    assert "WISEHOSTING_MASTER_KEY_FILE" in done.said
    assert "LoadCredential=wisehosting-master-key:" in done.said


@pytest.mark.parametrize("setting", [name for name in FILES if name != "WISEHOSTING_MASTER_KEY_FILE"])
def test_a_secret_s_file_that_is_not_named_is_asked_for(production: dict[str, str], setting: str, serve: Serve) -> None:
    del production[setting]
    done = serve(production)
    assert done.code == 2
    assert f"{setting}: Field required" in done.said


def test_a_secret_of_another_user_is_refused(production: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(production["WISEHOSTING_API_SERVER_SECRET_FILE"])
    with contextlib.suppress(PermissionError):
        os.chown(path, 12345, 12345)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    for name, value in production.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="belongs to another user"):
        check_secrets(Settings())


def test_random_texts_are_never_taken_for_samples_and_sample_words_always_are(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch(0o600)
    for _ in range(300):
        path.write_text(secrets.token_urlsafe(12))
        read_secret(path, least=16)
    for word in SAMPLE_WORDS:
        for sample in ("-".join([word] * 8), (word * 8).upper(), f"  {word * 8}123\n", f"{word}_secret_{word}_default"):
            path.write_text(sample.ljust(40, "!"))
            with pytest.raises(ValueError, match="sample"):
                read_secret(path)
