"""Containerfiles from templates. Values are written as JSON where the format takes it: no value ends an instruction."""

import json
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

_TEMPLATES = Path(__file__).parent / "templates"
_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES),
    autoescape=False,  # noqa: S701 - Containerfiles, not HTML; what they say is vetted again before it is built
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
_environment.filters["argv"] = lambda words: json.dumps(list(words), ensure_ascii=False)
_environment.filters["quoted"] = shlex.quote
_environment.filters["line"] = lambda text: " ".join(str(text).split())


def _by_folder(paths: Iterable[str]) -> list[tuple[str, list[str]]]:
    """(folder, its paths): one COPY takes files to one folder. The project's own folder is `.`."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0] or ".", []).append(path)
    return list(folders.items())


_environment.filters["groupby_folder"] = _by_folder

_MANY_EMPTY = re.compile(r"\n{3,}")


def render(template: str, **facts: Any) -> str:
    """Text of `templates/<template>` with these facts; a fact that a template needs and does not get is an error."""
    text = _environment.get_template(template).render(**facts)
    return _MANY_EMPTY.sub("\n\n", text).strip("\n") + "\n"
