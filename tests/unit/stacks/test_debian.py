"""Debian packages that libraries want."""

from wisehosting_stacks.debian import Needs, needed

TABLE = {"b": Needs(("b-dev",), ("b-run", "both")), "a": Needs(("a-dev",), ("both", "a-run")), "c": Needs()}


def test_the_order_of_packages_is_not_the_one_in_which_libraries_are_named() -> None:
    # Names come from sets, whose order is another one in each process: the text of a Containerfile is a key of caches.
    assert needed(["b", "a"], TABLE) == needed(["a", "b", "c", "a", "unknown"], TABLE)
    assert needed(["b", "a"], TABLE) == Needs(("a-dev", "b-dev"), ("both", "a-run", "b-run"))
