"""Versions: what a repository asks for, against what base images can be made of."""

import re
from collections.abc import Mapping

import msgspec

from wisehosting_stacks.plan import Version

_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_CLAUSE = re.compile(r"(===|==|~=|!=|>=|<=|\^|~|>|<|=)?\s*v?(\d+(?:\.(?:\d+|[xX*]))*)")

LONGEST = 200
"""Characters of a version or a range: the files it is read from are anybody's, and what was asked is told to people."""

DEFAULT_OFFERS: Mapping[str, tuple[str, ...]] = {
    # The first one is taken when nothing is asked. Debian 13's and 12's first: no other source is needed for them.
    "python": ("3.13", "3.11", "3.12", "3.14", "3.10", "3.9"),
    "node": ("24", "22", "20", "26", "25", "23", "21", "19", "18", "16"),
    "go": ("1.24",),
    "php": ("8.4", "8.2"),
    "ruby": ("3.3", "3.1"),
    "java": ("21", "25", "17"),
    "rust": ("1.85",),
    "deno": ("2",),
    "bun": ("1",),
    "static": ("1",),
}


class Offers(msgspec.Struct, frozen=True):
    """Versions that a worker can make bases of, by language; the first is taken when nothing is asked."""

    by_language: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: dict(DEFAULT_OFFERS))
    missing: Mapping[str, str] = {}
    """Versions that could not be fetched, as `python:3.12`, with the reason as the end of a sentence."""

    def without(self, language: str, version: str, why: str) -> "Offers":
        """The same offers but one, because it could not be made here."""
        left = tuple(one for one in self.by_language[language] if one != version)
        return Offers({**self.by_language, language: left}, {**self.missing, f"{language}:{version}": why})

    def without_base(self, base: str, why: str) -> "Offers | None":
        """The same for the name of a base image (`python:3.12`, `python-build:3.12`); None when there is no other."""
        image, _, version = base.partition(":")
        language = image.removesuffix("-build")
        offered = self.by_language.get(language, ())
        return self.without(language, version, why) if version in offered and len(offered) > 1 else None


def choose(language: str, title: str, asked: str, where: str, offers: Offers) -> Version:
    """The offered version that satisfies what was asked; the default, with a sentence, when none does.

    `asked` is a version (`3.12.4`, `v20`) or a range as pip, npm or Cargo write it (`>=3.11,<4`, `^20 || ^22`).
    Only the parts that the offer names are compared: an offer of `3.13` satisfies `3.13.2`.
    """
    offered = offers.by_language[language]
    asked = asked.strip()
    if len(asked) > LONGEST:
        note = (
            f"{where} asks for {title} in more than {LONGEST} characters, which is no version; "
            f"{title} {offered[0]} was taken instead. Write a version such as {offered[0]}."
        )
        return Version(taken=offered[0], asked=asked[:LONGEST], where=where, note=note)
    if not _NUMBER.search(asked):
        return Version(taken=offered[0], asked=asked, where=where)
    for version in offered:
        if satisfies(version, asked):
            return Version(taken=version, asked=asked, where=where)
    tried = {name.partition(":")[2]: why for name, why in offers.missing.items() if name.startswith(f"{language}:")}
    known = next((why for version, why in tried.items() if satisfies(version, asked)), "")
    because = known or f"there is no base image of it; offered are {', '.join(offered)}"
    note = f"{where} asks for {title} {asked}; {title} {offered[0]} was taken instead, because {because}."
    return Version(taken=offered[0], asked=asked, where=where, note=note)


def satisfies(version: str, asked: str) -> bool:
    """Whether an offered version lies in what was asked; alternatives are separated by `||`, clauses by commas or spaces."""
    return any(_all(version, part) for part in asked.split("||"))


def _all(version: str, part: str) -> bool:
    between = re.fullmatch(r"\s*v?(\d[\d.]*)\s+-\s+v?(\d[\d.]*)\s*", part)
    if between:
        part = f">={between[1]},<={between[2]}"
    clauses = _CLAUSE.findall(part)
    return bool(clauses) and all(_one(version, operator, number) for operator, number in clauses)


def _one(version: str, operator: str, number: str) -> bool:
    have = tuple(int(piece) for piece in version.split("."))
    want = tuple(int(piece) for piece in re.split(r"\.[xX*]", number)[0].split("."))
    # Compared as far as both are written: what is not written is open.
    parts = min(len(have), len(want))
    left, right = have[:parts], want[:parts]
    same = left == right
    match operator:
        case ">=":
            return left >= right
        case "<=":
            return left <= right
        case ">":
            return left > right or (same and len(want) > len(have))
        case "<":
            return left < right
        case "!=":
            return not same or len(want) > len(have)
        case "~=" | "~":
            keep = max(1, len(want) - 1) if operator == "~=" else min(len(want), 2)
            return have[: min(keep, len(have))] == want[: min(keep, len(have))] and left >= right
        case "^":
            keep = next((at + 1 for at, piece in enumerate(want) if piece), len(want))
            return have[: min(keep, len(have))] == want[: min(keep, len(have))] and left >= right
        case _:
            return same
