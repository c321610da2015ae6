"""The commonest mistakes of builds, told by what the failing step said last. Pure.

A wrong hint costs more than none: patterns match what a tool says when it gives up, not its warnings.
"""

from collections.abc import Iterable

from wisehosting_agent.build.mistake import Mistake
from wisehosting_agent.build.mistakes_code import AT_START, CODE, FRAMEWORKS
from wisehosting_agent.build.mistakes_packages import PACKAGES
from wisehosting_agent.build.mistakes_system import LAST, SYSTEM
from wisehosting_wire.facts import Hint

ROW_CHARACTERS = 1000
KILLED = 137
"""Exit code of a process that SIGKILL ended."""
_KILLED = Hint(
    title="Something was killed, most likely for want of memory",
    sentence="Make the build use less memory, such as with fewer parallel jobs, and push.",
)
ALL = (*FRAMEWORKS, *SYSTEM, *PACKAGES, *CODE, *LAST)
"""The first that matches is told: the cause before what follows from it."""


def find(lines: Iterable[str], instruction: str, stack: str = "", code: int | None = None) -> Hint | None:
    """Return the hint for a build that failed: its step's last lines, its instruction, the detected stack, its exit code."""
    return _first(ALL, lines, instruction, stack) or (_KILLED if code == KILLED else None)


def find_at_start(lines: Iterable[str], stack: str = "") -> Hint | None:
    """Return the hint for an app that ended before it was ready."""
    return _first(AT_START, lines, "", stack)


def _first(mistakes: Iterable[Mistake], lines: Iterable[str], instruction: str, stack: str) -> Hint | None:
    text = "\n".join(line[:ROW_CHARACTERS] for line in lines)
    found = (mistake.hint(text, instruction, stack) for mistake in mistakes)
    return next((hint for hint in found if hint is not None), None)
