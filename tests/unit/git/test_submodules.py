"""Where submodules come from, and that no folder above one is somebody's link."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_git import GitError
from wisehosting_git.address import Repository
from wisehosting_git.placing import put_folder, small_files
from wisehosting_git.submodules import address, parse

PARENT = Repository.parse("https://example.org/team/app.git")


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://example.com/a.git", "https://example.com/a.git"),
        ("../library.git", "https://example.org/team/library.git"),
        ("../../other/library.git", "https://example.org/other/library.git"),
        ("./inside.git", "https://example.org/team/app.git/inside.git"),
        ("../../../../library.git", "https://example.org/library.git"),
        ("git@example.com:team/library.git", "https://example.com/team/library.git"),
        ("ssh://git@example.com:2222/team/library.git", "https://example.com/team/library.git"),
    ],
)
def test_an_address_is_fetched_over_https(url: str, fetched: str) -> None:
    assert address(url, PARENT) == fetched


def test_only_listed_commits_of_other_repositories_are_submodules() -> None:
    listed = b"100644 blob aa  12\tREADME\x00160000 commit " + b"c" * 40 + b"      -\tvendor/x\x00"
    settings = (
        b"submodule.x.path\nvendor/x\x00submodule.x.url\nhttps://example.org/x.git\x00submodule.x.update\n!rm\x00"
    )
    (found,) = parse(listed, settings)
    assert (found.path, found.commit, found.url) == ("vendor/x", "c" * 40, "https://example.org/x.git")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_listing_without_other_repositories_names_no_submodule(listed: bytes, settings: bytes) -> None:
    assert parse(listed.replace(b"160000 ", b""), settings) == ()


@pytest.mark.parametrize("path", ["link/inner", "link", "../outside", "a//b", ".git/hooks", "file"])
def test_nothing_is_put_through_a_link_or_outside(tmp_path: Path, path: str) -> None:
    tree, outside, source = tmp_path / "tree", tmp_path / "outside", tmp_path / "source"
    for folder in (tree / ".git" / "hooks", outside / "inner", source):
        folder.mkdir(parents=True)
    (tree / "link").symlink_to(outside)
    (tree / "file").write_text("text")
    with pytest.raises(GitError):
        put_folder(source, tree, path)
    assert source.is_dir()
    assert (outside / "inner").is_dir()


def test_small_files_are_found_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "small").write_bytes(b"x")
    (tmp_path / "a" / "large").write_bytes(b"x" * 2000)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "a" / "small")
    assert small_files(tmp_path, 1024) == [tmp_path / "a" / "small"]
