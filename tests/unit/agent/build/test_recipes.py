"""Recipes of base images: what plans may name is what workers can make."""

import pytest

from wisehosting_agent.build.recipes import AT_START, BOOKWORM, PREFIX, RECIPES, Links, grouped
from wisehosting_stacks.python import ON_DEBIAN_12
from wisehosting_stacks.versions import DEFAULT_OFFERS

NAMES = [recipe.name for recipe in RECIPES]
BUILT = {"go", "rust"}
"""Their programs run on the base of Debian alone."""
WITHOUT_COMPILERS = {"static", "bun", "deno"}


@pytest.mark.parametrize("language", DEFAULT_OFFERS)
def test_each_version_that_plans_may_name_has_its_recipes(language: str) -> None:
    wanted = [f"{language}:{version}" for version in DEFAULT_OFFERS[language] if language not in BUILT]
    wanted += [
        f"{language}-build:{version}" for version in DEFAULT_OFFERS[language] if language not in WITHOUT_COMPILERS
    ]
    assert not [name for name in wanted if f"{PREFIX}{name}" not in NAMES]


def test_plans_may_name_each_version_that_there_is_a_recipe_of() -> None:
    offered = {
        f"{language}{kind}:{version}"
        for language, versions in DEFAULT_OFFERS.items()
        for version in versions
        for kind in ("", "-build")
    }
    there = {name.removeprefix(PREFIX) for name in NAMES if not name.startswith(f"{PREFIX}base:")}
    assert there - offered == set()


def test_names_are_said_once_and_those_of_the_start_are_among_them() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert set(AT_START) <= set(NAMES)


def test_each_recipe_stands_on_one_of_the_same_debian() -> None:
    by_name = {recipe.name: recipe for recipe in RECIPES}
    for recipe in RECIPES:
        if recipe.parent is not None:
            assert by_name[recipe.parent].suite == recipe.suite
            assert NAMES.index(recipe.parent) < NAMES.index(recipe.name)


def test_links_stay_in_the_image() -> None:
    links = [link for recipe in RECIPES for one in recipe.adds if isinstance(one, Links) for link in one.links]
    assert links
    assert not [path for path, target in links if path.startswith("/") or target.startswith("/")]


def test_names_are_told_with_their_versions_together() -> None:
    assert grouped(["a:1", "a:2", "b:3"]) == "a:{1,2}; b:3"


def test_plans_know_which_pythons_stand_on_debian_12() -> None:
    older = {
        recipe.name.rpartition(":")[2] for recipe in RECIPES if "/python" in recipe.name and recipe.suite == BOOKWORM
    }
    assert older == ON_DEBIAN_12
