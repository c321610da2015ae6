"""What the log says of steps: numbered as in the Containerfile, without what the platform put in."""

from wisehosting_agent.build.image import BUNDLE_ARGUMENTS, STEP, Attempt, told_step


def told(lines: list[str], *, extra: bool) -> tuple[list[str], Attempt]:
    said = Attempt()
    found = []
    for line in lines:
        step = STEP.match(line)
        assert step is not None
        text = told_step(step, said, extra=extra)
        if not said.hidden:
            found.append(text)
    return found, said


def test_an_instruction_of_the_platform_is_neither_shown_nor_counted() -> None:
    lines = ["STEP 1/4: FROM a", f"STEP 2/4: {BUNDLE_ARGUMENTS}", "STEP 3/4: RUN exit 7", 'STEP 4/4: CMD ["true"]']
    found, said = told(lines, extra=True)
    assert found == ["STEP 1/3: FROM a", "STEP 2/3: RUN exit 7", 'STEP 3/3: CMD ["true"]']
    assert (said.step, said.instruction) == (3, 'CMD ["true"]')


def test_steps_of_several_stages_are_counted_on() -> None:
    lines = [
        "[1/2] STEP 1/2: FROM a AS x",
        "[1/2] STEP 2/2: RUN make",
        "[2/2] STEP 1/2: FROM b",
        "[2/2] STEP 2/2: USER 1",
    ]
    found, said = told(lines, extra=False)
    assert found == lines
    assert said.step == 4
