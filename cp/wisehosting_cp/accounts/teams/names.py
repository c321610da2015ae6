"""Names of personal teams. Pure."""

import re
import unicodedata
from collections.abc import Iterator

LENGTH = 39


def team_names(name: str, email: str) -> Iterator[str]:
    """Yield names to try for a person's own team: from the name, then the e-mail's first part, then numbered ones."""
    first = _slug(name) or _slug(email.partition("@")[0]) or "team"
    yield first
    number = 2
    while True:
        ending = f"-{number}"
        yield first[: LENGTH - len(ending)].rstrip("-") + ending
        number += 1


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return re.sub(r"^[^a-z]+", "", dashed)[:LENGTH].strip("-")
