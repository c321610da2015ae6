"""`wh-cp`: the control plane's own command. Everything heavy is imported by the command that needs it."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from wisehosting_cp.accounts.people.commands import people_app
from wisehosting_cp.audit.commands import audit_app

if TYPE_CHECKING:
    from wisehosting_cp.kit.context import Context
    from wisehosting_cp.settings import Settings

Result = TypeVar("Result")

second_factor = typer.Typer(no_args_is_help=True, help="Second factors of users.")
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
    state: Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")] = None,
) -> None:
    """Print the link by which the first operator signs in: good once, for an hour. A new one ends those before."""
    from wisehosting_cp.accounts.teams.invitations import bootstrap as mint

    async def make(ctx: "Context") -> str:
        async with ctx.db.transaction() as session:
            return await mint(session, ctx, another=another)

    _use_local(state)
    typer.echo(_with_context(make))


@app.command()
def permissions(
    dangers: Annotated[bool, typer.Option("--dangers", help="what takes a step-up instead")] = False,
) -> None:
    """Print who may do what, as a table in Markdown."""
    from wisehosting_cp.accounts.dangers import danger_table
    from wisehosting_cp.accounts.permissions import permission_table

    typer.echo(danger_table() if dangers else permission_table(), nl=False)


@app.command("settings")
def print_settings() -> None:
    """Print what the control plane is told by its environment, as a table in Markdown."""
    from wisehosting_cp.settings import settings_table

    typer.echo(settings_table(), nl=False)


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
    from wisehosting_cp.accounts.tokens.local import create_local_token

    typer.echo(_with_context(create_local_token))


keys = typer.Typer(no_args_is_help=True, help="The master key, and the keys derived from it.")
app.add_typer(keys, name="keys")


@keys.command("new")
def keys_new(path: Annotated[Path, typer.Argument(help="where it is written, mode 0600")]) -> None:
    """Write a new master key. Never overwrites: what the old key sealed would be lost."""
    from wisehosting_cp.kit import master_key

    try:
        master_key.create(path)
    except FileExistsError:
        _fail(
            FileExistsError(f"{path} exists and is kept: what it sealed would be lost without it. Name another path.")
        )
    except OSError as error:
        _fail(OSError(f"Cannot write {path}: {error.strerror}."))
    typer.echo(
        f"Wrote {path}. Keep a copy apart from the database's backups: without it nothing sealed opens again.\n"
        f"Next: set {master_key.SETTING}={path}, or in the unit LoadCredential={master_key.CREDENTIAL}:{path}"
    )


@keys.command("list")
def keys_list(
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
    state: Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")] = None,
) -> None:
    """Show purposes, versions, their age, and how many rows are under each. Changes nothing."""
    from dataclasses import asdict

    from wisehosting_cp.keys.listing import ListedPurpose, lines, listed

    async def look(ctx: "Context") -> list[ListedPurpose]:
        async with ctx.db.read() as session:
            return await listed(session, ctx)

    _use_local(state)
    found = _with_context(look)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
    else:
        typer.echo("\n".join(lines(found)))


@keys.command("rotate")
def keys_rotate(
    purpose: Annotated[str, typer.Argument(help="as `wh-cp keys list` names it")],
    as_json: Annotated[bool, typer.Option("--json", help="for machines; progress goes to standard error")] = False,
    state: Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")] = None,
) -> None:
    """Give a purpose a new key while everything runs. After a run that was cut off, a second one finishes it.

    Exits 2 with the reason when the rotation cannot be finished.
    """
    from dataclasses import asdict

    from wisehosting_cp.keys.rotation import Rotated, RotationStopped, rotate
    from wisehosting_cp.kit.keyring import Purpose

    if purpose not in Purpose.__members__:
        _fail(ValueError(f"There is no purpose {purpose}. Choose one of: {', '.join(Purpose.__members__)}."), code=2)

    async def run(ctx: "Context") -> Rotated | RotationStopped:
        try:
            return await rotate(ctx, Purpose[purpose], tell=lambda line: typer.echo(line, err=True))
        except RotationStopped as stopped:
            return stopped

    _use_local(state)
    done = _with_context(run)
    if isinstance(done, RotationStopped):
        _fail(done, code=2)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(f"{done.purpose} is at version {done.version}; {done.rows} rows were made anew.")


@second_factor.command()
def reset(
    user: Annotated[str, typer.Argument(metavar="EMAIL|USER_ID", help="whose second factor is lost")],
    state: Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")] = None,
) -> None:
    """Take a lost second factor away, after a delay in which its owner is told and may cancel. A second run changes nothing."""
    from wisehosting_cp.accounts.people import service as people
    from wisehosting_cp.accounts.second_factor import resets

    async def ask(ctx: "Context") -> str:
        async with ctx.db.transaction() as session:
            found = await people.person(session, user)
            due = await resets.ask(session, ctx, found.id)
        return f"The second factor of {found.email} ({found.id}) is taken away at {due:%Y-%m-%d %H:%M} UTC, unless they cancel."

    _use_local(state)
    typer.echo(_with_context(ask))


app.add_typer(second_factor, name="second-factor")


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
    from pydantic_settings import SettingsError

    from wisehosting_cp.kit.logging import configure
    from wisehosting_cp.settings import Settings

    try:
        settings = Settings()
    except SettingsError as error:
        # A list that is no JSON. Its text names the field and nothing of the value.
        field = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
        typer.echo(f'WISEHOSTING_{field.upper()}: a list in JSON is needed, ["one", "two"]', err=True)
        sys.exit(2)
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


def _fail(error: BaseException, *, code: int = 1) -> NoReturn:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    typer.echo(str(error), err=True)
    sys.exit(code)


app.add_typer(audit_app(_at), name="audit")
app.add_typer(people_app(_at), name="people")


def main() -> None:
    """Entry point; `local-user` is added where the embedded parts are installed."""
    from importlib.util import find_spec

    if find_spec("wisehosting_agent") is not None:
        from wisehosting_cp.local.commands import users

        app.add_typer(users, name="local-user")
    app()
