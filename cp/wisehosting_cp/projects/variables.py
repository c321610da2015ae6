"""Variables of an environment: sealed, write-only, one version for each change; a release names a version."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.errors import Invalid
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import announce
from wisehosting_cp.kit.etag import Stale, matches
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.projects import repository
from wisehosting_cp.projects.deleted import refuse_deleted
from wisehosting_cp.projects.models import Environment, Project, Variable, VariableScope

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}\Z")
VALUE_BYTES = 64 * 1024
TOTAL_BYTES = 512 * 1024
"""Names and values as they travel to a worker, in one message: those of scope `both` are in it twice."""
MOST = 500
OURS = "WISEHOSTING_"


@dataclass(frozen=True)
class Change:
    """A variable's new value."""

    value: str
    scope: VariableScope = VariableScope.run


def sentence_about_name(name: str) -> str | None:
    """Return what is wrong with a variable's name, or None."""
    if not NAME.match(name):
        return "Use letters A to Z, digits and underscores, at most 200, and do not begin with a digit."
    if name.upper().startswith(OURS):
        return f"Names that begin with {OURS} are the platform's; choose another."
    if name == "PORT":
        return "PORT is set by the platform. Name the port your app listens on by EXPOSE in the Containerfile."
    return None


def sentence_about_value(value: str) -> str | None:
    """Return what is wrong with a variable's value, or None."""
    if "\0" in value:
        return "A value cannot hold a NUL character; encode binary data, for example as base64."
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "The value is not valid Unicode text."
    if size > VALUE_BYTES:
        return f"The value has {size} bytes; at most {VALUE_BYTES} (64 KB) are possible."
    return None


def check(changes: Mapping[str, Change], removed: Collection[str]) -> None:
    """Raise Invalid with one sentence for each name that cannot be written."""
    fields = {}
    for name, change in changes.items():
        sentence = sentence_about_name(name) or sentence_about_value(change.value)
        if name in removed:
            sentence = "This name is both set and removed; decide for one."
        if sentence:
            fields[name[:200]] = sentence
    if fields:
        raise Invalid("variables_invalid", "Some variables cannot be written; nothing was changed.", fields=fields)


async def write(
    session: AsyncSession,
    ctx: Context,
    *,
    environment: Environment,
    project: Project,
    changes: Mapping[str, Change],
    removed: Collection[str],
    asker: Mapping[str, Any],
    if_match: str | None = None,
) -> int:
    """Write and remove variables as one new version and return it. What is so already changes nothing.

    Raises Invalid, and Stale when `if_match` names another version than the one that is current.
    """
    check(changes, removed)
    await repository.lock_environment(session, environment)
    refuse_deleted(environment)
    if not matches(if_match, environment.variables_version):
        raise Stale(
            "variables_changed",
            "Somebody changed these variables since you read them; nothing was written. Read them again, then repeat "
            "your change.",
        )
    current = {
        row.name: row for row in await repository.variables(session, environment.id, environment.variables_version)
    }
    new = {name: change for name, change in changes.items() if not _same(ctx, current.get(name), change)}
    gone = [name for name in removed if name in current]
    if not new and not gone:
        return environment.variables_version
    version = environment.variables_version + 1
    await repository.close_variables(session, environment.id, [*new, *gone], version)
    for name, change in new.items():
        row_id = new_id()
        sealed = ctx.sealer.seal(change.value.encode(), table="variables", column="sealed_value", row=str(row_id))
        session.add(
            Variable(
                id=row_id,
                environment_id=environment.id,
                name=name,
                scope=change.scope,
                sealed_value=sealed,
                added_version=version,
                created_at=ctx.clock.now(),
            )
        )
    environment.variables_version = version
    await session.flush()
    current_rows = await repository.variables(session, environment.id, version)
    count, size = len(current_rows), sum(map(_travels, current_rows))
    if count > MOST:
        raise Invalid("variables_too_many", f"That would make {count} variables; at most {MOST} are possible.")
    if size > TOTAL_BYTES:
        raise Invalid(
            "variables_too_large",
            f"All names and values together would have {size} bytes, those of scope both counted twice; at most "
            f"{TOTAL_BYTES} (512 KB) are possible. Put large data in files, or choose run or build instead of both.",
        )
    record(
        session,
        **asker,
        action="variables.write",
        subject=f"environment:{environment.id}",
        team_id=project.team_id,
        project=project.name,
        name=environment.name,
        version=version,
        set=sorted(new),
        removed=sorted(gone),
    )
    announce(session, f"environment:{environment.id}", f"project:{project.id}")
    return version


async def variables_for(
    session: AsyncSession, ctx: Context, environment_id: UUID, version: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the opened values of a version: those of the running app, and those of the build. Raises SealBroken."""
    run: dict[str, str] = {}
    build: dict[str, str] = {}
    for row in await repository.variables(session, environment_id, version):
        value = _open(ctx, row)
        if row.scope in {VariableScope.run, VariableScope.both}:
            run[row.name] = value
        if row.scope in {VariableScope.build, VariableScope.both}:
            build[row.name] = value
    return run, build


def _open(ctx: Context, row: Variable) -> str:
    sealed = ctx.sealer.open(row.sealed_value, table="variables", column="sealed_value", row=str(row.id))
    return sealed.decode()


def _travels(row: Variable) -> int:
    """Bytes of name and value in a message to a worker."""
    once = len(row.name) + len(row.sealed_value) - repository.SEAL_OVERHEAD
    return 2 * once if row.scope is VariableScope.both else once


def _same(ctx: Context, row: Variable | None, change: Change) -> bool:
    return row is not None and row.scope is change.scope and _open(ctx, row) == change.value
