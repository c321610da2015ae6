"""A detected plan as files of the repository's own: from then on they say how it is built. Pure."""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from wisehosting_stacks import app_file
from wisehosting_stacks.build_variables import given
from wisehosting_stacks.plan import Plan
from wisehosting_stacks.tree import Tree

CONTAINERFILE = "Containerfile"
FOLDER = ".wisehosting"
"""Where the Containerfile finds what the plan brings beside the repository's files."""
_HEAD = "# Written by wh eject. The start command is the CMD of the Containerfile.\n"


def ejected(tree: Tree, plan: Plan, variables: Collection[str] = ()) -> dict[str, str]:
    """Texts by path below the project's folder; with them it is built as the plan says, by its own Containerfile.

    Every RUN is given the named build variables. What wisehosting.toml says of running stays, its comments do not.
    """
    document = tomllib.loads(tree.text(app_file.NAME))
    document |= {"port": document.get("port", plan.port), "build": {"containerfile": CONTAINERFILE}}
    return {
        CONTAINERFILE: given(plan.containerfile, variables),
        **{f"{FOLDER}/{name}": text for name, text in sorted(plan.files.items())},
        app_file.NAME: _HEAD + "\n\n".join(_tables(document)) + "\n",
    }


def _tables(document: Mapping[str, Any], *path: str) -> Iterator[str]:
    """One text for each table that holds a value, the outer ones first."""
    rows = [f"{_key(name)} = {_value(value)}" for name, value in document.items() if not isinstance(value, dict)]
    if rows:
        yield "\n".join(([f"[{'.'.join(map(_key, path))}]"] if path else []) + rows)
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _tables(value, *path, name)


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _value(name)


def _value(value: Any) -> str:
    """A string, number, truth or list of them: no key of the file takes anything else."""
    # JSON's forms are TOML's, but for one control character that JSON lets stand.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
