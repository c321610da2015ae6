"""Other people's text on a terminal: control characters are shown, not obeyed; harmless colours may stay."""

import re

SGR = re.compile(r"\x1b\[([0-9;]*)m")
RESET = "\x1b[0m"

_SINGLE = frozenset(
    {*range(5), *range(21, 25), *range(30, 38), 39, *range(40, 48), 49, *range(90, 98), *range(100, 108)}
)
"""Reset, bold, dim, italic, underlined and the colours. Not: blinking, inverse, hidden, other fonts."""


def plain(text: str) -> str:
    """Show control characters of other people's programs; what only changed colours is left out."""
    return _shown(SGR.sub(lambda found: "" if harmless(found[1]) else found[0], text))


def printable(text: str) -> str:
    """Show every control character, colours included."""
    return _shown(text)


def coloured(text: str) -> str:
    """Keep harmless colours, which end with the text, and show every other control character."""
    parts: list[str] = []
    place, open_ = 0, False
    for found in SGR.finditer(text):
        if harmless(found[1]):
            parts += [_shown(text[place : found.start()]), found[0]]
            place, open_ = found.end(), True
    return "".join([*parts, _shown(text[place:]), RESET if open_ else ""])


def harmless(parameters: str) -> bool:
    """Whether these parameters of a colour sequence choose colours and weights and nothing else."""
    numbers = [int(number or 0) if len(number) <= 3 else -1 for number in parameters.split(";")]
    while numbers:
        first = numbers.pop(0)
        if first in {38, 48}:
            kind = numbers.pop(0) if numbers else None
            length = {5: 1, 2: 3}.get(kind or 0, 0)
            values, numbers = numbers[:length], numbers[length:]
            if not length or len(values) < length or not all(0 <= value <= 255 for value in values):
                return False
        elif first not in _SINGLE:
            return False
    return True


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\t" else f"\\x{ord(letter):02x}" for letter in text)
