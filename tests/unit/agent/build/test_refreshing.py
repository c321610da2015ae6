"""Which bases changed, and which nobody needs."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from wisehosting_agent.build.refreshing import Known, Notes, contents, unneeded
from wisehosting_agent.build.storage import Store


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


STATUS = b"Package: nginx\nStatus: install ok installed\nVersion: 1.26.3-3\n"
FILES = {"./var/lib/dpkg/status": STATUS, "./usr/local/bin/node": b"program", "./etc/machine-id": b"1"}


def test_times_and_other_files_are_no_news(tmp_path: Path) -> None:
    same = FILES | {"./etc/machine-id": b"2", "./usr/local/lib/a.pyc": b"compiled"}
    assert contents(archive(tmp_path / "a", FILES)) == contents(archive(tmp_path / "b", same))


@pytest.mark.parametrize(
    "changed",
    [{"./var/lib/dpkg/status": STATUS.replace(b"3-3", b"3-4")}, {"./usr/local/bin/node": b"a newer program"}],
    ids=["a package's version", "a program that Debian does not have"],
)
def test_other_packages_are_news(tmp_path: Path, changed: dict[str, bytes]) -> None:
    assert contents(archive(tmp_path / "a", FILES)) != contents(archive(tmp_path / "b", FILES | changed))


def test_what_is_known_is_there_after_a_start_and_a_broken_file_makes_all_due(tmp_path: Path) -> None:
    Notes(tmp_path).set("a:1", Known(checked=5, contents="x"))
    assert Notes(tmp_path).of("a:1") == Known(checked=5, contents="x")
    (tmp_path / "bases.json").write_text("{")
    assert Notes(tmp_path).of("a:1") == Known()


def store(folder: Path, images: list[dict[str, object]], layers: list[dict[str, str]]) -> Store:
    for kind, rows in (("images", images), ("layers", layers)):
        (folder / f"overlay-{kind}").mkdir(parents=True)
        (folder / f"overlay-{kind}" / f"{kind}.json").write_text(json.dumps(rows))
    return Store(folder)


def test_only_images_without_a_name_and_without_layers_on_them_are_unneeded(tmp_path: Path) -> None:
    bases = store(
        tmp_path / "bases",
        [
            {"id": "new", "names": ["python:3.13"], "layer": "l-new"},
            {"id": "in use", "names": [], "layer": "l-used"},
            {"id": "old", "names": [], "layer": "l-old"},
        ],
        [{"id": "l-new"}, {"id": "l-used"}, {"id": "l-old"}],
    )
    team = store(tmp_path / "team", [], [{"id": "t", "parent": "l-used"}, {"id": "u", "parent": "t"}])
    assert unneeded(bases, [team]) == ["old"]
