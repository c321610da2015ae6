"""What a build's report says of its steps: their seconds, what was found done, and what the failing one said."""

from wisehosting_agent.build.image import Attempt, told
from wisehosting_agent.build.steps import MOST_STEPS, Steps, lines_of_the_step, shown, without_folders
from wisehosting_wire.fitting import fits
from wisehosting_wire.messages import JobFinished

FAILED = 'Error: building at STEP "RUN make": while running runtime: exit status 2'


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_step_lasts_until_the_next_one_begins_and_names_its_stage() -> None:
    clock = Clock()
    steps = Steps(clock)
    for number, (instruction, seconds) in enumerate(
        [("FROM debian AS web", 0.5), ("RUN make", 2.0), ("FROM debian", 0.25), ("COPY --from=web /a /a", 1.0)], start=1
    ):
        steps.begin(number, instruction)
        if number == 2:
            steps.found_done()
        clock.now += seconds
    told_of = steps.report()
    assert [(step.number, step.seconds, step.cached, step.stage) for step in told_of.steps] == [
        (1, 0.5, False, "web"),
        (2, 2.0, True, "web"),
        (3, 0.25, False, "2"),
        (4, 1.0, False, "2"),
    ]
    assert (told_of.failed_step, told_of.last_lines, told_of.hint) == (0, [], None)


def test_the_log_of_podman_is_what_steps_are_read_from_and_what_the_platform_puts_in_belongs_to_none() -> None:
    clock = Clock()
    said = Attempt(steps=3, timed=Steps(clock))
    for text, seconds in [
        ("[1/2] STEP 1/2: FROM debian AS web", 1.0),
        ("[1/2] STEP 2/2: RUN make", 0.0),
        ("--> Using cache 0123456789ab", 1.0),
        ("[2/2] STEP 1/2: FROM debian", 2.0),
        ("[2/2] COMMIT localhost/wisehosting-keys:abc", 0.5),
        ("Successfully tagged localhost/wisehosting-keys:abc", 0.0),
    ]:
        told(text, said)
        clock.now += seconds
    assert [(step.instruction, step.seconds, step.cached) for step in said.timed.report().steps] == [
        ("FROM debian AS web", 1.0, False),
        ("RUN make", 1.0, True),
        ("FROM debian", 2.5, False),
    ]


def test_the_failing_step_is_the_one_that_runs_and_its_own_lines_are_told() -> None:
    steps = Steps(Clock())
    steps.begin(1, "FROM debian")
    steps.begin(2, "RUN npm ci")
    tail = [
        "STEP 1/2: FROM debian",
        "npm of an earlier step",
        "STEP 2/2: RUN npm ci",
        "\x1b[31mnpm error\x1b[0m code ERESOLVE",
        "",
        "10 %\r90 %\rdone",
        FAILED,
    ]
    report = steps.failed(tail)
    assert report.failed_step == 2
    assert report.last_lines == ["npm error code ERESOLVE", "done"]
    assert report.hint is not None
    assert "same peer" in report.hint.title


def test_a_build_that_ends_outside_of_all_steps_has_no_failing_one() -> None:
    report = Steps(Clock()).failed(["Error: the image cannot be read"])
    assert (report.failed_step, report.last_lines) == (0, ["Error: the image cannot be read"])


def test_a_missing_file_is_named_without_the_folders_of_the_worker_also_when_its_line_comes_early() -> None:
    error = without_folders(
        'Error: building at STEP "COPY nope /a": checking on sources under '
        '"/var/lib/x/tmp/buildah216": copier: stat: "/nope": no such file or directory'
    )
    assert "/var/lib" not in error
    expected = ['stat: "/nope": no such file or directory']
    assert lines_of_the_step(["STEP 1/2: FROM x", "STEP 2/2: COPY nope /a", error]) == expected
    assert lines_of_the_step(["STEP 1/2: FROM x", error, "STEP 2/2: COPY nope /a"]) == expected


def test_what_podman_says_of_its_own_folders_while_it_gives_up_is_not_what_the_step_said() -> None:
    rows = [
        "STEP 2/2: RUN make",
        "make: *** no rule",
        'time="2026-11-26T00:46:47Z" level=error msg="Unmounting /var/lib/x/merged: invalid argument"',
        'time="2026-11-26T00:46:47Z" level=error msg="error deleting build container \\"828c\\": identifier is not a container"',
        FAILED,
    ]
    assert lines_of_the_step(rows) == ["make: *** no rule"]


def test_what_podman_says_of_its_folders_is_told_without_them() -> None:
    work = "/var/lib/x/containers/tmp/wisehosting-4-build-0190-ab_c"
    copier = f'copier.request{{Request:"GET", preservedRoot:"{work}/tmp/buildah39", Globs:[]string{{"/leak"}}}}'
    row = f'Error: building at STEP "COPY leak /leak": reading "{work}/tmp/buildah39/leak": error during bulk transfer for {copier}: copier: get: lstat "/leak"("/etc/shadow"): lstat /etc/shadow: no such file'
    said = 'get: lstat "/leak"("/etc/shadow"): lstat /etc/shadow: no such file'
    assert without_folders(row) == f'Error: building at STEP "COPY leak /leak": reading "/leak": {said}'
    mount = f"crun: mount `{work}/tmp/buildah18/mnt/buildah-bind-target-0` to `srv/c`: No such file or directory"
    assert without_folders(mount) == "crun: mount `/mnt/buildah-bind-target-0` to `srv/c`: No such file or directory"
    layer = f"lgetxattr /var/lib/x/containers/stores/teams/0001/overlay/{'a1' * 32}/merged/dev/null: no such file"
    assert without_folders(layer) == "lgetxattr /dev/null: no such file"


def test_an_instruction_is_shown_on_one_line_without_its_mounts_and_not_too_long() -> None:
    assert shown("RUN --mount=type=cache,target=/x --mount=type=secret,id=T  pip   install .") == "RUN pip install ."
    assert shown("RUN echo --mount=type=cache") == "RUN echo --mount=type=cache"
    assert len(shown("RUN " + "x" * 5000)) == 200


def test_of_very_many_steps_the_slowest_and_the_failing_one_are_told_and_fit_into_a_message() -> None:
    clock = Clock()
    steps = Steps(clock)
    for number in range(1, 2001):
        steps.begin(number, "RUN " + "\N{EURO SIGN}" * 5000)
        clock.now += 0.0 if number == 2000 else float(number)
    report = steps.failed(["\N{EURO SIGN}" * 100_000] * 60)
    assert len(report.steps) == MOST_STEPS
    assert [step.number for step in report.steps][-2:] == [1999, 2000]
    assert report.failed_step == 2000
    assert fits(JobFinished(job="j", attempt=1, reason="build_failed", report=report))


def test_a_runtime_that_cannot_be_started_is_named_without_its_folder() -> None:
    row = "error: fork/exec /var/lib/wisehosting/containers/conf/runtime: resource temporarily unavailable"
    assert without_folders(row) == "error: fork/exec runtime: resource temporarily unavailable"


def test_a_row_of_the_log_of_the_runtime_is_told_as_its_sentence() -> None:
    said = 'runc create failed: unable to start container process: exec: "hugo": executable file not found in $PATH'
    begins = "error running container: from runtime creating container for [hugo]: "
    quoted = said.replace('"', '\\"')
    row = f'{begins}time="2026-01-02T03:04:05Z" level=error msg="{quoted}"'
    assert lines_of_the_step(["STEP 2/2: RUN hugo", row]) == [begins + said]
