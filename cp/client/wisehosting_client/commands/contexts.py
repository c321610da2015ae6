"""The platforms `wh` knows, and which one it talks to."""

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from wisehosting_client import access, names, terminal
from wisehosting_client.access import Access
from wisehosting_client.errors import NotLoggedIn, Refused
from wisehosting_client.groups import Alone
from wisehosting_client.terminal import AsJson, cell, print_json, say

PANEL = "Platforms and access"
commands = typer.Typer()
context = typer.Typer(
    cls=Alone,
    help="Choose between several platforms; alone it lists them.\n\nExample: wh context use acme",
)

ContextName = Annotated[
    str, typer.Argument(metavar="NAME", help="As `wh context` lists them.", autocompletion=names.contexts)
]


@commands.command(rich_help_panel=PANEL)
def login(
    url: Annotated[
        str, typer.Argument(metavar="[URL]", help="The platform's address; the one of `./dev up` here when absent.")
    ] = "",
    name: Annotated[
        str, typer.Option("--context", metavar="NAME", help="What to call it; its host's name otherwise.")
    ] = "",
    file: Annotated[
        Path, typer.Option("--access", metavar="FILE", help="The access.json of a local platform.")
    ] = access.LOCAL_ACCESS,
    *,
    as_json: AsJson = False,
) -> None:
    """Keep a platform and a token for it as a context, and use it from now on.

    The token is asked for, or read from standard input; make one under Account in the dashboard. Arguments are no place for it.

    Example: wh login

    Example: wh login https://wise.example.org --context acme < token.txt
    """
    # `wh --context acme login URL` means the same.
    name = name or access.chosen.get()
    if url:
        # A wrong address is refused before a token is asked for.
        found = access.at(url, "")
        name = access.named(name or urlsplit(found.api).hostname or "")
        found = found._replace(token=_token(url, name))
    else:
        found = access.read_platform(file)
        name = access.named(name or access.LOCAL)
    try:
        who = terminal.connect_to(found).session()
    except NotLoggedIn as error:
        sentence = f"{found.dashboard} refuses this token; nothing was kept."
        raise NotLoggedIn(sentence, f"wh login {url} --context {name}" if url else "wh login") from error
    found = found._replace(apps_domain=who["platform"]["apps_domain"])
    access.keep(found, name)
    if as_json:
        print_json({"context": name, "api": found.api, "user": who["user"]})
        return
    say(f"Logged in to {found.dashboard} as {who['user']['name']}; it is the context {name}.")
    say("See your projects with: wh projects")
    if os.environ.get("WISEHOSTING_API") or os.environ.get("WH_CONTEXT"):
        say("WISEHOSTING_API or WH_CONTEXT is set here and goes before it.")


def _token(url: str, name: str) -> str:
    token = getpass(f"Token for {url}: ") if terminal.somebody_types() else sys.stdin.readline()
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        sentence = "There is no token on standard input." if not token else "That is no token."
        raise NotLoggedIn(sentence, f"wh login {url} --context {name} < token.txt")
    return token


@context.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the platforms that are known here and the one in use. Tokens are never shown.

    Example: wh context
    """
    found, current = access.contexts(), access.current_name()
    if as_json:
        print_json(
            [{"name": name, "api": item.api, "in_use": name == current} for name, item in sorted(found.known.items())]
        )
        return
    if api := os.environ.get("WISEHOSTING_API"):
        say(f"WISEHOSTING_API is set: {api} is in use.")
    if not found.known:
        say("No platform is known here. Keep one with: wh login, or wh login URL")
        return
    table = terminal.table("", "context", "platform")
    for name, item in sorted(found.known.items()):
        table.add_row(cell("*" if name == current else ""), cell(name), cell(item.dashboard))
    terminal.show(table)
    if current and current not in found.known:
        raise Refused(0, "no_context", f"WH_CONTEXT is {current}, which is none of them.", "unset WH_CONTEXT")


@context.command("use")
def use(name: ContextName, *, as_json: AsJson = False) -> None:
    """Talk to this platform from now on. For one command only: --context NAME; for one shell: WH_CONTEXT.

    Example: wh context use acme
    """
    found: Access = access.use(name)
    if as_json:
        print_json({"name": name, "api": found.api, "in_use": True})
        return
    say(f"{found.dashboard} is in use.")


@context.command("remove")
def remove(name: ContextName, *, as_json: AsJson = False) -> None:
    """Forget a platform and its token here. The token goes on working: revoke it with `wh tokens revoke`.

    Example: wh context remove acme
    """
    current = access.forget(name)
    if as_json:
        print_json({"name": name, "in_use": current or None})
        return
    say(
        f"{name} is forgotten here."
        + ("" if current else " No context is in use. Choose one with: wh context use NAME")
    )
