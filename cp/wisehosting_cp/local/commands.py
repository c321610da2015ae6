"""`./dev up`, `./dev down`, and `wh-cp local-user`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from wisehosting_cp.local.errors import LocalError, PartFailed, Unfit
from wisehosting_cp.local.state import DEFAULT_STATE

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
users = typer.Typer(no_args_is_help=True, help="Accounts of the sign-in provider of ./dev up.")

StateOption = Annotated[Path, typer.Option("--state", help="folder that holds everything")]


class Limits(StrEnum):
    """Whether the host enforces limits of containers."""

    enforced = "enforced"
    reported = "reported"


@app.command()
def up(
    *,
    state: StateOption = DEFAULT_STATE,
    port: Annotated[int | None, typer.Option(help="port of the dashboard; the next three are used too")] = None,
    apps_port: Annotated[int | None, typer.Option(help="port of the apps")] = None,
    number: Annotated[int | None, typer.Option(help="this platform's number on the host, 0 to 47")] = None,
    limits: Annotated[Limits, typer.Option(help="`reported` where the host cannot enforce limits")] = Limits.enforced,
    allow_network: Annotated[
        list[str] | None, typer.Option(metavar="CIDR[:PORT]", help="private addresses that apps and builds may reach")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="return when the platform is ready")] = False,
    ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the whole platform on this machine until Ctrl-C."""
    from wisehosting_cp.local.detach import run_detached
    from wisehosting_cp.local.foreground import run_here
    from wisehosting_cp.local.supervisor import Options

    options = Options(
        state=state,
        port=port,
        apps_port=apps_port,
        number=number,
        limits=limits.value,
        network_allow=allowed(allow_network or []),
    )
    try:
        if detach:
            sys.exit(run_detached(state, [word for word in sys.argv[1:] if word != "--detach"]))
        run_here(options, ready_fd)
    except LocalError as error:
        fail(error)


@app.command()
def down(
    *,
    state: StateOption = DEFAULT_STATE,
    erase: Annotated[
        bool, typer.Option("--erase", help="then delete everything it stored: projects, images, database")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask before --erase")] = False,
) -> None:
    """Stop the platform of a state folder; its state stays. Stopping a stopped one is success."""
    from wisehosting_cp.local import shutdown

    if erase and not yes:
        typer.confirm(f"Delete {state} with all projects, images and the database?", abort=True)
    try:
        shutdown.stop(state)
        if erase:
            shutdown.erase(state)
    except LocalError as error:
        fail(error)


@users.command("add")
def add_user(
    name: str,
    *,
    full_name: Annotated[str, typer.Option(help="shown in the dashboard")] = "",
    state: StateOption = DEFAULT_STATE,
) -> None:
    """Add an account; its password is read from the terminal, or from standard input."""
    from wisehosting_cp.local.provider import AccountStore, NameRefused
    from wisehosting_cp.local.state import State

    found = State(state)
    if not found.number_file.exists():
        fail(Unfit(f"There is no platform at {state}. Start it with ./dev up, or name its folder with --state."))
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        AccountStore(found.provider).add(name, password, full_name=full_name)
    except NameRefused as error:
        fail(error)
    except PermissionError:
        fail(Unfit(f"Only root may add accounts. Run: sudo wh-cp local-user add {name}{found.option}"))
    typer.echo(f"{name} can sign in now.")


def allowed(entries: list[str]) -> list[str]:
    """Check `--allow-network`; `10.1.2.3` becomes `10.1.2.3/32`. Raises typer.BadParameter."""
    import ipaddress

    found = []
    for entry in entries:
        network, _, port = entry.partition(":")
        try:
            parsed = ipaddress.IPv4Network(network)
            valid = not port or 1 <= int(port) <= 65535
        except ValueError as error:
            raise typer.BadParameter(f"--allow-network {entry}: {error}") from error
        if not valid:
            raise typer.BadParameter(f"--allow-network {entry}: {port} is not a port")
        found.append(f"{parsed}:{port}" if port else str(parsed))
    return found


def fail(error: Exception) -> NoReturn:
    """Say why, with the end of the log, and leave with 1."""
    if isinstance(error, PartFailed) and error.log:
        typer.echo("\n".join(f"    | {line}" for line in error.log.splitlines()), err=True)
    typer.echo(f"\n{error}", err=True)
    sys.exit(1)


def main() -> None:
    """Entry point."""
    app(prog_name="./dev")
