"""`wh-cp`: the control plane's own command. Everything heavy is imported by the command that needs it."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from wisehosting_cp.audit.commands import audit_app

if TYPE_CHECKING:
    from wisehosting_cp.kit.context import Context
    from wisehosting_cp.settings import Settings

Result = TypeVar("Result")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def serve() -> None:
    """Run one control-plane process until SIGTERM: the public listener, the mesh listener, the loops."""
    from wisehosting_cp.process import serve as run

    settings = _settings()
    try:
        asyncio.run(run(settings))
    except* (ValueError, OSError) as group:
        _fail(group.exceptions[0])


@app.command()
def migrate() -> None:
    """Bring the database's schema to what this version needs; a second run changes nothing."""
    from wisehosting_cp.kit.migrate import migrate as run

    run(_settings().database_dsn)


@app.command()
def worker_token(
    name: Annotated[str, typer.Argument(help="the worker's name")],
    address: Annotated[str, typer.Option(help="its address in the mesh")] = "127.0.0.1",
) -> None:
    """Print a one-time permission to join for a worker, as JSON: the token and the certificate's pin. Each call makes another."""
    from wisehosting_cp.workers.enrolment import JoinTicket, mint_join_token

    async def mint(ctx: "Context") -> JoinTicket:
        async with ctx.db.transaction() as session:
            return await mint_join_token(session, ctx, name, address)

    ticket = _with_context(mint)
    typer.echo(json.dumps({"token": ticket.token, "pin": ticket.pin}))


@app.command()
def bootstrap(
    another: Annotated[bool, typer.Option("--another", help="although there is an operator already")] = False,
) -> None:
    """Print the link by which the first operator signs in: good once, for an hour. A new one ends those before."""
    from wisehosting_cp.accounts.invitations import bootstrap as mint

    async def make(ctx: "Context") -> str:
        async with ctx.db.transaction() as session:
            return await mint(session, ctx, another=another)

    typer.echo(_with_context(make))


@app.command()
def permissions() -> None:
    """Print who may do what, as a table in Markdown."""
    from wisehosting_cp.accounts.permissions import permission_table

    typer.echo(permission_table(), nl=False)


@app.command()
def disk(
    worker: Annotated[str | None, typer.Option(help="only this worker")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines, sizes in bytes")] = False,
    state: Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")] = None,
) -> None:
    """Show what images and containers take on each worker, and why each image is kept. Changes nothing."""
    from dataclasses import asdict

    from wisehosting_cp.deployments.holdings import Holdings, holdings, lines

    async def look(ctx: "Context") -> list[Holdings]:
        async with ctx.db.read() as session:
            return await holdings(session, worker=worker, kept=ctx.settings.images_kept)

    _use_local(state)
    found = _with_context(look)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
    else:
        typer.echo("\n".join(lines(found)))


@app.command()
def local_token() -> None:
    """Print a new API token of the local operator; earlier ones of this kind end. Local mode only."""
    from wisehosting_cp.accounts.service import create_local_token

    typer.echo(_with_context(create_local_token))


def _use_local(folder: Path | None) -> None:
    """Take the settings of a platform of ./dev up: of this folder, or of the usual one when the environment has none."""
    from wisehosting_cp.local.state import DEFAULT_STATE, State, read_json

    if folder is None and "WISEHOSTING_DATABASE_DSN" in os.environ:
        return
    found = read_json(State(folder or DEFAULT_STATE).settings)
    if found is None and folder is not None:
        _fail(FileNotFoundError(f"No platform can be read at {folder}. Name its folder, and run this as root."))
    os.environ.update(found or {})


def _settings() -> "Settings":
    from pydantic import ValidationError

    from wisehosting_cp.kit.logging import configure
    from wisehosting_cp.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"WISEHOSTING_{name}: {problem['msg']}", err=True)
        sys.exit(2)
    configure(settings.log_format)
    return settings


def _with_context(work: "Callable[[Context], Coroutine[Any, Any, Result]]") -> Result:
    from wisehosting_cp.app import build_context
    from wisehosting_cp.errors import WiseHostingError

    async def run() -> Result:
        ctx = await build_context(settings)
        try:
            return await work(ctx)
        finally:
            await ctx.db.close()

    settings = _settings()
    try:
        return asyncio.run(run())
    except (WiseHostingError, ValueError, OSError) as error:
        _fail(error)


def _at(state: Path | None, work: "Callable[[Context], Coroutine[Any, Any, Result]]") -> Result:
    _use_local(state)
    return _with_context(work)


def _fail(error: BaseException) -> NoReturn:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    typer.echo(str(error), err=True)
    sys.exit(1)


app.add_typer(audit_app(_at), name="audit")


def main() -> None:
    """Entry point; `local-user` is added where the embedded parts are installed."""
    from importlib.util import find_spec

    if find_spec("wisehosting_agent") is not None:
        from wisehosting_cp.local.commands import users

        app.add_typer(users, name="local-user")
    app()
