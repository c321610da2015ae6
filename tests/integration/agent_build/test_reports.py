"""What a build tells of its steps, on real Podman: a failing one first, then the same repository corrected."""

import re
from collections.abc import Iterator

import pytest
from buildrig import FROM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

pytestmark = pytest.mark.anyio

STAGES = """\
FROM localhost/wisehosting/base:debian-13 AS compiled
WORKDIR /src
RUN echo to the log && echo to the errors >&2 && sleep 1.2
COPY main.c .
RUN {compile}
FROM localhost/wisehosting/base:debian-13
COPY --from=compiled /src/main /main
RUN echo of the last stage >&2
CMD ["/main"]
"""
WITHOUT_COMPILER = STAGES.format(compile="gcc -o main main.c")
CORRECTED = STAGES.format(compile="cp main.c main")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-reports-") as folder, running(folder, 44) as rig:
        yield rig


@pytest.fixture(autouse=True)
async def bases(rig: Rig) -> None:
    rig.lines.clear()
    rig.steps.clear()
    await rig.builder.run()


async def test_a_failing_step_is_told_with_its_last_lines_and_a_hint_and_the_next_build_finds_the_rest_done(
    rig: Rig, served: GitServer
) -> None:
    url = served.repository("stages", {"Containerfile": WITHOUT_COMPILER, "main.c": "int main() {}"})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    assert failed.value.reason is Reason.build_failed
    report = failed.value.report
    assert [(step.number, step.stage) for step in report.steps] == [(number, "compiled") for number in range(1, 6)]
    assert report.failed_step == 5
    assert len(report.last_lines) == 1
    assert report.last_lines[0].endswith("gcc: not found")
    assert report.hint is not None
    assert "build-essential" in report.hint.sentence
    sentence, hint, heading, *last = failed.value.detail.split("\n")
    assert sentence == "The build ended with exit code 127 in step 5 (RUN gcc -o main main.c)."
    assert hint == f"{report.hint.title}. {report.hint.sentence}"
    assert (heading, last) == ("Its last lines:", report.last_lines)
    slow = report.steps[2]
    assert slow.instruction.startswith("RUN echo to the log")
    assert slow.seconds >= 1.2
    assert not slow.cached
    served.push("stages", {"Containerfile": CORRECTED})
    built = (await rig.build(url)).report
    assert [(step.number, step.stage, step.cached) for step in built.steps] == [
        (1, "compiled", False),
        (2, "compiled", True),
        (3, "compiled", True),
        (4, "compiled", True),
        (5, "compiled", False),
        (6, "2", False),
        (7, "2", False),
        (8, "2", False),
        (9, "2", False),
    ]
    assert built.steps[2].seconds < slow.seconds
    assert (built.failed_step, built.last_lines, built.hint) == (0, [], None)


async def test_each_line_carries_the_step_it_belongs_to_over_all_stages_and_both_streams(
    rig: Rig, served: GitServer
) -> None:
    text = CORRECTED.replace("echo to the log", "echo to the log anew")
    url = served.repository("lines", {"Containerfile": text, "main.c": "x"})
    built = (await rig.build(url)).report
    steps = dict(zip(rig.lines, rig.steps, strict=True))
    assert steps["to the log anew"] == 3
    assert steps["to the errors"] == 3
    assert steps["of the last stage"] == 8
    begun = [(int(found[1]), step) for line, step in steps.items() if (found := re.match(r"STEP (\d+)/9: ", line))]
    assert begun == [(number, number) for number in range(1, 10)]
    assert [step.number for step in built.steps] == list(range(1, 10))
    assert {step for line, step in steps.items() if line.startswith(("Checking out", "Commit ", "Image "))} == {0}


async def test_a_program_that_is_missing_is_named_in_words_of_the_runtime_and_a_file_without_our_folders(
    rig: Rig, served: GitServer
) -> None:
    url = served.repository("missing", {"Containerfile": FROM + 'RUN ["hugo", "--minify"]\nCMD ["true"]\n'})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    hint = failed.value.report.hint
    assert hint is not None, failed.value.report.last_lines
    assert hint.title == "The command hugo is not in the image"
    served.push("missing", {"Containerfile": FROM + 'COPY Setup.toml /app/\nCMD ["true"]\n', "setup.toml": ""})
    with pytest.raises(WorkFailed) as failed:
        await rig.build(url)
    report = failed.value.report
    failing = next(step for step in report.steps if step.number == report.failed_step)
    assert failing.instruction == "COPY Setup.toml /app/"
    assert report.last_lines == ['stat: "/Setup.toml": no such file or directory']
    assert report.hint is not None
    assert report.hint.title.startswith("There is no Setup.toml")
