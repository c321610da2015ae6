"""Links to a comparison of two commits: only where the forge is known and the address is beyond doubt."""

import pytest

from wisehosting_cp.git.compare import compare_url

A, B = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("repository", "shown"),
    [
        ("https://github.com/ada/shop", f"https://github.com/ada/shop/compare/{A}...{B}"),
        ("https://github.com/ada/shop.git", f"https://github.com/ada/shop/compare/{A}...{B}"),
        ("https://GitHub.com/ada/shop.git/", f"https://github.com/ada/shop/compare/{A}...{B}"),
        ("https://codeberg.org/ada/my.shop_2", f"https://codeberg.org/ada/my.shop_2/compare/{A}...{B}"),
        ("https://gitlab.com/group/sub/shop.git", f"https://gitlab.com/group/sub/shop/-/compare/{A}...{B}"),
    ],
)
def test_forges_are_linked_to_in_their_own_way(repository: str, shown: str) -> None:
    assert compare_url(repository, A, B) == shown


@pytest.mark.parametrize(
    "repository",
    [
        "http://github.com/ada/shop",
        "ssh://git@github.com/ada/shop",
        "git@github.com:ada/shop.git",
        "https://ada:secret@github.com/ada/shop",
        "https://ada@github.com/ada/shop",
        "https://github.com:8443/ada/shop",
        "https://github.com:/ada/shop",
        "https://github.com.evil.example/ada/shop",
        "https://evil.example/github.com/ada",
        "https://evil.example\\@github.com/ada/shop",
        "https://github.com./ada/shop",
        "https://github.com/ada",
        "https://github.com/ada/shop/tree",
        "https://github.com/ada/../shop",
        "https://github.com/./shop",
        "https://github.com//shop",
        "https://github.com/ada/shop?x=1",
        "https://github.com/ada/shop#x",
        "https://github.com/ada/%2e%2e",
        "https://github.com/ada/sh op",
        "https://github.com/ada/sh\u043ep",
        "https://github.com/ada/shop\n",
        "https://gitlab.com/shop",
        "https://gitlab.com/" + "/".join(["deep"] * 21),
        "https://gitlab.com/group/-/shop",
        "https://[::1/ada/shop",
        "javascript:alert(1)//github.com/ada/shop",
        "",
    ],
)
def test_whatever_is_not_beyond_doubt_gets_no_link(repository: str) -> None:
    assert compare_url(repository, A, B) is None


@pytest.mark.parametrize(
    ("older", "newer"), [(A, A), ("", B), ("main", B), (A, "b" * 39), (A, "B" * 40), (A, B + "\n")]
)
def test_only_whole_and_different_commits_are_compared(older: str, newer: str) -> None:
    assert compare_url("https://github.com/ada/shop", older, newer) is None
