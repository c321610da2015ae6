"""docs/wh.md tells every command and exit code there is, and no sentence of `wh` names a command there is not."""

import re
from pathlib import Path
from typing import Any

import pytest

import wisehosting_client
from wisehosting_client import cli, grammar
from wisehosting_client.errors import EXIT_CODES

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "wh.md"
TREE = grammar.tree(cli.app)
COMMANDS = dict(grammar.leaves(TREE))
EVERYWHERE = {"--json", "--context"}


def usage(words: tuple[str, ...], command: Any) -> str:
    """A command as it is typed. A list is what its group does when nothing else is asked of it."""
    parts = ["wh", *(word for word in words if word != "list")]
    for param in command.params:
        if EVERYWHERE & set(param.opts) and words != ("login",):
            continue
        name = str(param.metavar or "").strip("[]")
        text = (
            name if param.param_type_name == "argument" else f"{param.opts[0]} {'' if param.is_flag else name}".rstrip()
        )
        if text != "--json":
            parts.append(text if param.required else f"[{text}]")
    return " ".join(parts)


def generated() -> dict[str, str]:
    """The parts of the page that come from the parser, by their names."""
    commands = ["| Command | What it does |", "|---|---|"]
    for words, command in COMMANDS.items():
        typed = usage(words, command).replace("|", "\\|")
        commands.append(f"| `{typed}` | {command.help.splitlines()[0]} |")
    codes = ["| Exit code | Meaning |", "|---|---|", *(f"| {code} | {text} |" for code, text in EXIT_CODES.items())]
    return {"commands": "\n".join(commands), "exit codes": "\n".join(codes)}


def test_the_page_tells_the_commands_and_exit_codes_that_there_are(tmp_path: Path) -> None:
    renewed = page = PAGE.read_text()
    for name, text in generated().items():
        begin, end = f"<!-- {name}: from the parser -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = renewed.partition(begin)
        _, _, after = rest.partition(end)
        assert after, f"{begin.strip()} is missing"
        renewed = f"{before}{begin}{text}{end}{after}"
    (tmp_path / "wh.md").write_text(renewed)
    assert page == renewed, f"copy {tmp_path / 'wh.md'} to docs/wh.md"


def said() -> list[str]:
    """Each `wh …` of the page and of the sentences in the client's source."""
    page = PAGE.read_text()
    found = {*re.findall(r"`(wh [a-z][^`\n]*)`", page), *re.findall(r"^(wh [a-z].*)$", page, re.MULTILINE)}
    for path in Path(wisehosting_client.__file__).parent.rglob("*.py"):
        found |= set(re.findall(r"(?<![\w/.])(wh [a-z][^\"'`\n.,;]*)", path.read_text()))
    return sorted(found)


@pytest.mark.parametrize("text", said())
def test_a_command_that_is_named_exists_with_its_options(text: str) -> None:
    words = re.sub(r"\\|\[|\]|\{.*?\}", " ", text).split()[1:]
    path = max((words[: len(known)] for known in COMMANDS if list(known) == words[: len(known)]), key=len, default=None)
    if path is None:
        # A group alone lists, or is named.
        assert words[0] in TREE.commands, text
        path = [words[0], "list"]
    command = COMMANDS.get(tuple(path))
    options = {option for param in command.params for option in param.opts} if command else set()
    for option in re.findall(r"(?<=\s)--?[a-z][a-z-]*", text):
        assert option in options | {"--help"}, text
