"""What a project says about its processes: its settings before its Procfile, and both before what a framework would do."""

import re
from collections.abc import Mapping

import msgspec

from wisehosting_stacks import procfile
from wisehosting_stacks.plan import Finding
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree

_COMPILES = re.compile(r"(exec\s+)?(go run|cargo (run|watch)|(\./)?mvnw?|(sh\s+)?(\./)?gradlew?|air|reflex)(\s|\Z)")
"""Lines that need a compiler where the program runs, and there is none."""


class Commands(msgspec.Struct, frozen=True, kw_only=True):
    """Processes that somebody named."""

    web: tuple[str, ...] | None
    """None when it is left to detection."""
    others: Mapping[str, tuple[str, ...]]
    found: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def named(self) -> bool:
        """Whether any process is named: the image then holds every program of the project."""
        return self.web is not None or bool(self.others)

    def mention(self, text: str) -> bool:
        """Whether one of the commands holds this text."""
        return any(text in word for argv in (self.web or (), *self.others.values()) for word in argv)


def commands(tree: Tree, asked: BuildSettings, *, compiled: bool = False) -> Commands:
    """Processes by settings and Procfile. For a compiled language, lines that compile at the start are left out and named."""
    lines = procfile.processes(tree)
    notes = []
    if lines.pop("release", None):
        notes.append(
            "The Procfile's release line is not run: there is no release phase yet. "
            "Begin the web line with what must happen before the program starts."
        )
    for name in [name for name, line in lines.items() if compiled and _COMPILES.match(line)]:
        notes.append(
            f"The Procfile's {name} line compiles the program at each start; "
            + ("the program that was built is started instead." if name == "web" else "it is left out.")
        )
        del lines[name]
    line = lines.pop("web", "")
    web = asked.start or (procfile.shell(line) if line else None)
    found = (Finding(what="a Procfile", where="Procfile"),) if lines or (line and not asked.start) else ()
    others = {name: procfile.shell(other) for name, other in lines.items()}
    if others:
        notes.append(
            f"The Procfile's {' and '.join(others)} {'line is' if len(others) == 1 else 'lines are'} not run: "
            "processes beside web come with a later release."
        )
    return Commands(web=web, others=others, found=found, notes=tuple(notes))
