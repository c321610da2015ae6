"""What each purpose's key does, and what that means for its rotation."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from wisehosting_cp.keys.columns import LOOKUPS, SEALED
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.workers import tokens


class Kind(enum.StrEnum):
    """How the old version of a key comes to its end."""

    sealed = "rows are sealed anew"
    lookup = "rows are computed anew"
    token = "what it signed runs out"  # noqa: S105 - a sentence
    salt = "nothing is kept"
    kept = "never: it is not rotated"


@dataclass(frozen=True)
class Use:
    """A purpose in words, its kind, and how long something made with it lives on."""

    does: str
    kind: Kind
    lives: timedelta = timedelta(0)
    after: str = ""
    """What a rotation means for people."""


USES: Mapping[Purpose, Use] = {
    Purpose.sealing: Use(
        "seals variables, worker keys, webhook secrets, secrets of authenticator apps and kept answers",
        Kind.sealed,
        after="every sealed row is rewritten, nobody notices",
    ),
    Purpose.worker_lookup: Use(
        "keyed hash by which a worker's key is recognised",
        Kind.lookup,
        after="every worker's row is rewritten, connections stay",
    ),
    Purpose.worker_token: Use(
        "signs the 15-minute tokens of workers",
        Kind.token,
        lives=tokens.LIFETIME + tokens.EXPIRED_ACCEPTED,
        after="new tokens at the next renewal; old ones open a connection for 30 days more, as before",
    ),
    Purpose.audit: Use(
        "seals the chain of audit rows and its head",
        Kind.kept,
        after="rows are never written again, so what sealed them must open them for good",
    ),
    Purpose.build_variables: Use(
        "salts the hash of build variables in the key of a build",
        Kind.salt,
        after="the next build of each app with build variables is made anew instead of found",
    ),
}


def table() -> str:
    """Return the table of keys as the documentation has it."""
    lines = [
        "| Purpose | Label | What it does | The old version ends | What a rotation means |",
        "|---|---|---|---|---|",
    ]
    for purpose, use in USES.items():
        end = use.kind.value if not use.lives else f"{use.kind.value}: {use.lives.days} days"
        lines.append(f"| `{purpose.name}` | `{purpose.value}` | {use.does} | {end} | {use.after} |")
    return "\n".join(lines)


def columns_table() -> str:
    """Return the table of columns that a key made, as the documentation has it."""
    lines = ["| Column | Purpose |", "|---|---|"]
    lines += [f"| `{column}` | `{Purpose.sealing.name}` |" for column in SEALED]
    lines += [f"| `{column}` | `{column.purpose.name}` |" for column in LOOKUPS]
    return "\n".join(lines)
