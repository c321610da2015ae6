"""One's own tokens."""

from enum import StrEnum
from typing import Annotated

import typer

from wisehosting_client import terminal
from wisehosting_client.errors import Refused
from wisehosting_client.groups import Alone
from wisehosting_client.terminal import AsJson, SecretFile, cell, platform, print_json, say, when

commands = typer.Typer(
    cls=Alone,
    help="Make and revoke tokens for scripts; alone it lists them.\n\n"
    "Example: wh tokens create ci --scope deploy --file token.txt",
)


class Scope(StrEnum):
    """What a token may do."""

    read = "read"
    deploy = "deploy"
    admin = "admin"


@commands.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List your tokens that still work, without the tokens themselves.

    Example: wh tokens
    """
    with platform(otherwise="wh context") as api:
        items = api.tokens()
    if as_json:
        print_json(items)
        return
    table = terminal.table("token", "may", "made", "ends", "used last")
    for item in items:
        times = (when(item[name]) for name in ("created_at", "expires_at", "last_used_at"))
        table.add_row(cell(item["name"]), cell(", ".join(item["scopes"])), *(cell(text) for text in times))
    terminal.show(table)


@commands.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    file: SecretFile,
    scope: Annotated[
        Scope, typer.Option(metavar="SCOPE", help="read, deploy or admin; each may what those before it may too.")
    ] = Scope.deploy,
    days: Annotated[int, typer.Option(min=1, help="Days until it ends.")] = 90,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is shown this once: written into a new file that only you may read.

    Example: wh tokens create ci --scope deploy --days 30 --file token.txt
    """
    again = f"wh tokens create {name} --file FILE"
    terminal.can_hand_out(file, again)
    with platform(otherwise="wh tokens create --help") as api:
        made = api.create_token(name, [scope.value], days)
    printed = str(file) == "-"
    if as_json:
        if not printed:
            terminal.hand_out(made["token"], file, again)
        print_json({key: value for key, value in made.items() if printed or key != "token"})
        return
    terminal.hand_out(made["token"], file, again)
    if not printed:
        say(f"Wrote the token {name} to {file}; it ends {when(made['expires_at'])}.")


@commands.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(metavar="TOKEN", help="Its name, or its id, as `wh tokens --json` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a token: it stops working at once.

    Example: wh tokens revoke ci
    """
    with platform(otherwise="wh tokens") as api:
        found = [item for item in api.tokens() if name in {item["name"], item["id"]}]
        if not found:
            raise Refused(404, "not_found", f"You have no token {name}.", "wh tokens")
        if len(found) > 1:
            ids = ", ".join(item["id"] for item in found)
            raise Refused(
                409, "ambiguous", f"Several tokens are named {name}: {ids}", f"wh tokens revoke {found[0]['id']}"
            )
        api.revoke_token(found[0]["id"])
    if as_json:
        print_json(found[0])
        return
    say(f"{found[0]['name']} is revoked.")
