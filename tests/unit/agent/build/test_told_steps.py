"""What the log says of steps: counted as in the Containerfile, without what the platform put in."""

from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.image import BUNDLE_ARGUMENTS, STEP, Attempt, told_step

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


def test_steps_are_counted_over_all_stages_as_the_containerfile_has_them() -> None:
    said = Attempt(steps=vet(CONTAINERFILE).steps)
    told = [told_step(step[1], said) for line in SAID if (step := STEP.match(line))]
    assert [line for line in told if line] == [
        "STEP 1/4: FROM localhost/wisehosting/base:debian-13 AS builder",
        "STEP 2/4: RUN make",
        "STEP 3/4: FROM localhost/wisehosting/base:debian-13",
        "STEP 4/4: USER 1000",
    ]
