"""Which Ruby a project asks for, and what Bundler would refuse about it."""

import re

import msgspec

from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Version
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import LONGEST, Offers, choose, satisfies

# Blanks of one line only: a pattern that crosses lines costs the square of a file of empty ones.
_RUBY = re.compile(r"^[ \t]*ruby[ \t(]+(.+)$", re.MULTILINE)
_QUOTED = re.compile(r"['\"]([^'\"]*)['\"]")
_LOCKED_RUBY = re.compile(r"^RUBY VERSION\n[ \t]{0,20}ruby (\d[\d.]*\d)", re.MULTILINE)
_PLATFORMS = re.compile(r"^PLATFORMS\n((?: {2}\S+\n?)+)", re.MULTILINE)
RELAX = "sed -i '/^[[:space:]]*ruby[[:space:](]/d' Gemfile && "
RELAX_LOCK = "sed -i '/^RUBY VERSION/,+2d' Gemfile.lock && "
"""Shell lines that take the version out of the files; a lock file that is not changed with its Gemfile is refused."""


def chosen(tree: Tree, asked: BuildSettings, offers: Offers) -> Version:
    """The Ruby that is taken; a note says when it is another one than asked for."""
    locked = _LOCKED_RUBY.search(tree.text("Gemfile.lock"))
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (pinned(tree, ".ruby-version").removeprefix("ruby-"), ".ruby-version"),
        (",".join(_stated(tree)), "Gemfile"),
        (locked[1] if locked else "", "Gemfile.lock"),
        (tool_version(tree, "ruby"), ".tool-versions"),
    )
    plain = re.sub(r"~>\s*", "~=", wanted)
    version = choose("ruby", "Ruby", plain, where, offers)
    return msgspec.structs.replace(
        version, asked=wanted.strip()[:LONGEST], note=version.note.replace(plain.strip(), wanted.strip())
    )


def _stated(tree: Tree) -> list[str]:
    """The versions of the Gemfile's line `ruby`: `~> 3.3`, or two bounds."""
    line = _RUBY.search(tree.text("Gemfile"))
    said = re.sub(r"\b(file|engine|engine_version|patchlevel)\b.*", "", line[1][:LONGEST]) if line else ""
    return [one for one in _QUOTED.findall(said) if re.search(r"\d", one)]


def refused(tree: Tree, version: Version) -> str:
    """The sentence for a version that Bundler would not run with; empty when the taken one satisfies it.

    Bundler compares to the patch release, and a base has one only.
    """
    line = _RUBY.search(tree.text("Gemfile"))
    if "Gemfile" not in tree or (line is None and not _LOCKED_RUBY.search(tree.text("Gemfile.lock"))):
        return ""
    bounds = _stated(tree)
    open_ended = bounds and all(re.match(r"\s*(~>|>=|>|<=|<|!=)", one) for one in bounds)
    if open_ended and satisfies(version.taken, re.sub(r"~>\s*", "~=", ",".join(bounds))):
        return ""
    where = f"The Gemfile's line `{' '.join(line[0].split())[:60]}`" if line else "The Ruby version in Gemfile.lock"
    return (
        f"{where} is left out of the image: Bundler would refuse to run with the Ruby {version.taken} that Debian has. "
        f'Write `ruby "~> {version.taken}.0"` to keep the line.'
    )


def foreign(tree: Tree) -> str:
    """The sentence for a lock file that was never made for Linux."""
    found = _PLATFORMS.search(tree.text("Gemfile.lock")) if "Gemfile" in tree else None
    platforms = found[1].split() if found else []
    if not platforms or any(name == "ruby" or "linux" in name for name in platforms):
        return ""
    return (
        f"Gemfile.lock was made for {' and '.join(platforms)[:80]} alone: gems of Linux are chosen anew at each build. "
        "Run `bundle lock --add-platform x86_64-linux` and commit it."
    )
