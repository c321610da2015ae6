"""What is built of a project: a ready image, its own Containerfile, or a plan."""

import pytest

from wisehosting_stacks import BuildSettings, NotDetected, Tree
from wisehosting_stacks.decide import Way, decide

PAGE = {"index.html": "hello"}
OWN = {"Containerfile": "FROM scratch\n", "deploy/Dockerfile": "FROM scratch\n", **PAGE}


@pytest.mark.parametrize(
    ("files", "settings", "way", "name"),
    [
        (PAGE, BuildSettings(), Way.stack, "static"),
        (OWN, BuildSettings(), Way.containerfile, "Containerfile"),
        (OWN, BuildSettings(containerfile="deploy/Dockerfile"), Way.containerfile, "deploy/Dockerfile"),
        (OWN, BuildSettings(stack="static"), Way.stack, "static"),
        (OWN, BuildSettings(image="docker.io/library/caddy:2"), Way.image, "docker.io/library/caddy:2"),
        ({"Dockerfile": "FROM scratch\n", **PAGE}, BuildSettings(), Way.containerfile, "Dockerfile"),
    ],
)
def test_an_image_comes_before_a_containerfile_and_that_before_a_stack_unless_the_stack_is_named(
    files: dict[str, str], settings: BuildSettings, way: Way, name: str
) -> None:
    decision = decide(Tree.of(files), settings)
    assert (decision.way, decision.name) == (way, name)


def test_a_containerfile_that_is_named_and_not_there_is_said_instead_of_detecting_something_else() -> None:
    with pytest.raises(NotDetected, match=r"There is no deploy/Containerfile in the project's folder\."):
        decide(Tree.of(PAGE), BuildSettings(containerfile="deploy/Containerfile"))


def test_what_the_file_says_wins_and_is_told_apart_from_what_the_project_says() -> None:
    file = 'port = 3000\n[build]\nfallback = "/index.html"\n'
    decision = decide(Tree.of({"wisehosting.toml": file, **PAGE}), BuildSettings(port=4000, packages=("jq",)))
    assert decision.said == BuildSettings(port=3000, fallback="/index.html")
    assert (decision.settings.port, decision.settings.packages) == (3000, ("jq",))
    assert not decide(Tree.of(PAGE), BuildSettings(port=4000)).from_file
