"""What the log says of steps: counted as in the Containerfile, without what the platform put in."""

from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.image import BUNDLE_ARGUMENTS, MOST_IMAGES, Attempt, told

CONTAINERFILE = """\
ARG TAG=debian-13
FROM localhost/wisehosting/base:${TAG} AS builder
RUN make
FROM localhost/wisehosting/base:debian-13
USER 1000
"""
SAID = [
    "[1/2] STEP 1/3: FROM localhost/wisehosting/base:debian-13 AS builder",
    f"[1/2] STEP 2/3: {BUNDLE_ARGUMENTS}",
    "[1/2] STEP 3/3: RUN make",
    "[2/2] STEP 1/3: FROM localhost/wisehosting/base:debian-13",
    f"[2/2] STEP 2/3: {BUNDLE_ARGUMENTS}",
    "[2/2] STEP 3/3: USER 1000",
]


def shown(lines: list[str]) -> list[str]:
    said = Attempt(steps=vet(CONTAINERFILE).steps)
    return [line for text in lines if (line := told(text, said)) is not None]


def test_steps_are_counted_over_all_stages_as_the_containerfile_has_them() -> None:
    assert shown(SAID) == [
        "STEP 1/4: FROM localhost/wisehosting/base:debian-13 AS builder",
        "STEP 2/4: RUN make",
        "STEP 3/4: FROM localhost/wisehosting/base:debian-13",
        "STEP 4/4: USER 1000",
    ]


def test_ids_and_names_of_the_platform_are_left_out_and_what_the_app_says_is_not() -> None:
    digest = "f5398bc2be2eb910438e6e0d500b092310625200cf5cbe32a468d63071444129"
    lines = [
        "STEP 1/1: RUN sha256sum app",
        digest,
        "COMMIT the work",
        f"--> Using cache {digest}",
        "--> f5398bc2be2",
        "COMMIT localhost/wisehosting-keys:abc",
        "--> f5398bc2be2",
        "Successfully tagged localhost/wisehosting-keys:abc",
        digest,
    ]
    assert shown(lines) == ["STEP 1/4: RUN sha256sum app", digest, "COMMIT the work", "--> Using cache"]


def test_names_of_the_platform_are_left_out_after_several_stages_too() -> None:
    lines = [
        *SAID,
        "[2/2] COMMIT localhost/wisehosting-keys:abc",
        "--> f5398bc2be2",
        "Successfully tagged localhost/wisehosting-keys:abc",
    ]
    assert shown(lines) == shown(SAID)


def test_the_images_of_all_steps_are_noted_and_a_flood_of_lines_that_look_like_ids_takes_no_memory() -> None:
    said = Attempt()
    for line in (
        "--> f5398bc2be2",
        f"--> Using cache {'a' * 64}",
        "COMMIT localhost/wisehosting-keys:abc",
        "--> 0123456789a",
    ):
        told(line, said)
    assert list(said.images) == ["f5398bc2be2", "a" * 64, "0123456789a"]
    for number in range(10_000):
        told(f"--> {number:012x}", said)
    assert len(said.images) == MOST_IMAGES
