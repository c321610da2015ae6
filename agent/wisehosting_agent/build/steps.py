"""What a build spends its time on, step by step, and what its failing step said last. Pure, but for the clock."""

import re
import time
from collections.abc import Callable, Iterable

import msgspec

from wisehosting_agent.build.hints import find
from wisehosting_wire.facts import BuildReport, BuildStep

MOST_STEPS = 100
INSTRUCTION_CHARACTERS = 200
LAST_LINES = 12
LINE_CHARACTERS = 300
_STEP = re.compile(r"STEP \d+/\d+: ")
_MOUNTS = re.compile(r"(?<=\ARUN )(?:--(?:mount|network|security)=\S+\s+)+")
_STAGE = re.compile(r"FROM .*\sAS\s+(\S+)\Z", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FOLDERS = re.compile(
    r'checking on sources under "[^"]*": (?:copier: )?|(?<=glob ")/[^"]*/buildah\d+(?=/)'
    r"|error during bulk transfer for copier\.request\{.*\}: (?:copier: )?"
    r'|/[^\s"`]*/wisehosting-\d+-build-[^\s"`/]*(?:/tmp(?:/buildah\d+)?)?(?=/)'
    r'|/[^\s"`]*/stores/[^\s"`]*/overlay/[0-9a-f]{64}/(?:merged|diff)(?=[/"\s])'
    r'|/[^\s"`]*/conf/(?=runtime\b)'
)
"""Podman names folders of ours: where a file is missing, and where it holds a tree or an image."""
_FILES = re.compile(r'Error: (?:error )?building at STEP ".*": ((?:stat: |no items matching ).+)\Z')
_OF_PODMAN = re.compile(
    r'Error: (?:error )?building at STEP ".*": (?:error )?while running runtime: exit status \d+\Z'
    r"|subprocess exited with status \d+\Z|: exit status \d+\Z"
    r'|time="[^"]*" level=\w+ msg="(?:did not get container create message|Unmounting |error deleting build container )'
)
"""Says in other words that the command failed."""
_OF_RUNC = re.compile(r'time="[^"]*" level=\w+ msg="((?:[^"\\]|\\.)*)"')
"""runc tells a failure as a row of its log or as the sentence alone; both were seen of one step."""
_ESCAPED = re.compile(r"\\(.)")


class Steps:
    """The steps of one run of `podman build`, each timed from its own line to the next one's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._done: list[BuildStep] = []
        self._now: BuildStep | None = None
        self._began = 0.0
        self._stages = 0
        self._stage = ""

    def begin(self, number: int, instruction: str) -> None:
        """A step begins, so the one before is over."""
        self.end()
        if instruction.startswith("FROM "):
            self._stages += 1
            named = _STAGE.match(instruction)
            self._stage = named[1] if named else str(self._stages)
        self._began = self._clock()
        self._now = BuildStep(number=number, instruction=shown(instruction), stage=self._stage)

    def found_done(self) -> None:
        """The step that runs is a cached one."""
        if self._now is not None:
            self._now = msgspec.structs.replace(self._now, cached=True)

    def end(self) -> None:
        """The step that runs is over. A second call changes nothing."""
        if self._now is not None:
            seconds = round(max(0.0, self._clock() - self._began), 3)
            self._done.append(msgspec.structs.replace(self._now, seconds=seconds))
            self._now = None

    def report(self) -> BuildReport:
        """Tell of a build that succeeded."""
        self.end()
        return BuildReport(steps=_kept(self._done, 0))

    def failed(self, tail: Iterable[str], stack: str = "", code: int | None = None) -> BuildReport:
        """Tell of a build that ended now, in the step that runs. `tail` are the last lines of the log."""
        running = self._now
        self.end()
        failed = running.number if running is not None else 0
        rows = lines_of_the_step(tail)
        return BuildReport(
            steps=_kept(self._done, failed),
            failed_step=failed,
            last_lines=[row[:LINE_CHARACTERS] for row in rows[-LAST_LINES:]],
            hint=find(rows, running.instruction if running is not None else "", stack, code),
        )


def shown(instruction: str) -> str:
    """Return an instruction as people read it: on one line, without its mounts, not too long."""
    text = _MOUNTS.sub("", " ".join(instruction.split()))
    return text if len(text) <= INSTRUCTION_CHARACTERS else f"{text[: INSTRUCTION_CHARACTERS - 1]}…"


def without_folders(row: str) -> str:
    """Return a line of Podman's without the names of folders on this worker."""
    return _FOLDERS.sub("", row)


def ending(report: BuildReport) -> str:
    """Return what follows the sentence that names the failing step, on lines of its own: the hint, then the last lines."""
    hint = f"\n{report.hint.title}. {report.hint.sentence}" if report.hint else ""
    lines = "\nIts last lines:\n" + "\n".join(report.last_lines) if report.last_lines else ""
    return hint + lines


def lines_of_the_step(tail: Iterable[str]) -> list[str]:
    """Return what the last step said. Podman's own sentence stays when it says more than that the command failed.

    Two pipes bring the lines, so that sentence may have come before the line that begins the step.
    """
    rows = list(tail)
    begins = max((at for at, row in enumerate(rows) if _STEP.match(row)), default=-1) + 1
    early = [row for row in rows[max(0, begins - 2) : begins] if _FILES.search(row)]
    return [text for row in [*early, *rows[begins:]] if (text := _plain(row))]


def _plain(row: str) -> str:
    """Return a line without colours and what was written over; nothing for what tells people nothing."""
    text = _COLOURS.sub("", row).rstrip("\r").rpartition("\r")[2].rstrip()
    if _OF_PODMAN.match(text) or text.startswith("-->"):
        return ""
    found = _FILES.search(text)
    return found[1] if found else _OF_RUNC.sub(lambda row: _ESCAPED.sub(r"\1", row[1]), text)


def _kept(steps: list[BuildStep], failed: int) -> list[BuildStep]:
    """Return as many steps as a report may hold."""
    slowest = sorted(steps, key=lambda step: (step.number != failed, -step.seconds))[:MOST_STEPS]
    return sorted(slowest, key=lambda step: step.number)
