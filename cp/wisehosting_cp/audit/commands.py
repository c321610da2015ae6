"""`wh-cp audit`. Everything heavy is imported by the command that needs it."""

import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from wisehosting_cp.kit.context import Context

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
State = Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")]
Run = Callable[[Path | None, "Callable[[Context], Coroutine[Any, Any, Any]]"], Any]
"""Runs work against the platform of the environment, or of a folder of `./dev up`."""


def audit_app(run: Run) -> typer.Typer:
    """Return the commands, which reach the platform through `run`."""
    app = typer.Typer(no_args_is_help=True, help="The audit trail: prove that it is whole, take it away.")

    @app.command()
    def verify(
        as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
        state: State = None,
    ) -> None:
        """Find any row that was edited, inserted, deleted or moved, and a tail that was cut. Exit code 1 when there is one."""
        from wisehosting_cp.audit.verifying import verify

        found = run(state, verify)
        if as_json:
            typer.echo(json.dumps({"whole": not found.findings, **asdict(found)}, default=str))
        else:
            for one in found.findings:
                typer.echo(f"seq {one.seq}  {one.id or '-'}  {one.kind.value}: {one.says}")
            if not found.findings:
                typer.echo(f"whole: {found.rows} rows in {found.seconds:.1f} s; {_anchored(found.anchor)}")
        sys.exit(1 if found.findings else 0)

    @app.command()
    def export(
        since: Annotated[datetime | None, typer.Option(formats=FORMATS, help="from this time on, UTC")] = None,
        until: Annotated[datetime | None, typer.Option(formats=FORMATS, help="before this time, UTC")] = None,
        action: Annotated[str, typer.Option(help="how the action begins: `token.`")] = "",
        actor: Annotated[str | None, typer.Option(help="who: `user:ID`")] = None,
        team: Annotated[UUID | None, typer.Option(help="id of a team")] = None,
        state: State = None,
    ) -> None:
        """Print the trail, or some of it, as JSON lines in the order of the chain, as of one moment."""
        from wisehosting_cp.audit import repository
        from wisehosting_cp.audit.lines import line

        wanted = repository.Wanted(team=team, action=action, actor=actor, since=_utc(since), until=_utc(until))

        async def write(ctx: "Context") -> None:
            async with ctx.db.snapshot() as session:
                async for row in repository.exported(session, wanted):
                    typer.echo(line(row))

        run(state, write)

    return app


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _anchored(seq: int | None) -> str:
    if seq is None:
        return "there was no anchor yet, so a tail that was cut before now cannot be told"
    return f"the anchor had seen row {seq}"
