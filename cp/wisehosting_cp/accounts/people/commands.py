"""`wh-cp people`. Everything heavy is imported by the command that needs it."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wisehosting_cp.kit.context import Context

State = Annotated[Path | None, typer.Option(help="of a platform of ./dev up: its folder")]
Who = Annotated[str, typer.Argument(metavar="EMAIL|USER_ID", help="whom it is about")]
Run = Callable[[Path | None, "Callable[[Context], Coroutine[Any, Any, Any]]"], Any]
"""Runs work against the platform of the environment, or of a folder of `./dev up`."""


def people_app(run: Run) -> typer.Typer:
    """Return the commands, which reach the platform through `run`."""
    app = typer.Typer(no_args_is_help=True, help="The people of this platform: shut out, let in again.")

    @app.command()
    def disable(
        user: Who,
        although_last_owner: Annotated[
            bool, typer.Option("--although-last-owner", help="also when teams are left without an owner")
        ] = False,
        state: State = None,
    ) -> None:
        """Shut somebody out: their sessions and tokens end within a second. A second run changes nothing."""
        from wisehosting_cp.accounts.people import service as people
        from wisehosting_cp.accounts.principal import PLATFORM

        async def work(ctx: "Context") -> str:
            async with ctx.db.transaction() as session:
                found = await people.person(session, user)
                _, ended = await people.disable(
                    session, ctx, found.id, asker=PLATFORM, although_last_owner=although_last_owner
                )
            return (
                f"{found.email} ({found.id}) is disabled. Ended: {ended.sessions} sessions, {ended.tokens} API tokens.\n"
                "Their projects run on. To let them in again: wh-cp people enable"
            )

        typer.echo(run(state, work))

    @app.command()
    def enable(user: Who, state: State = None) -> None:
        """Let somebody sign in again; tokens have to be made anew. A second run changes nothing."""
        from wisehosting_cp.accounts.people import service as people
        from wisehosting_cp.accounts.principal import PLATFORM

        async def work(ctx: "Context") -> str:
            async with ctx.db.transaction() as session:
                found = await people.enable(session, ctx, (await people.person(session, user)).id, asker=PLATFORM)
            return f"{found.email} ({found.id}) can sign in again."

        typer.echo(run(state, work))

    return app
