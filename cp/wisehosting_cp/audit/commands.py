"""`wh-cp audit`. Everything heavy is imported by the command that needs it."""

import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wisehosting_cp.kit.context import Context

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

    return app


def _anchored(seq: int | None) -> str:
    if seq is None:
        return "there was no anchor yet, so a tail that was cut before now cannot be told"
    return f"the anchor had seen row {seq}"
