"""Teams: who is in them, with which role, and who is invited."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from wisehosting_client import terminal
from wisehosting_client.errors import Refused
from wisehosting_client.groups import Alone
from wisehosting_client.terminal import AsJson, SecretFile, cell, platform, print_json, say, when

commands = typer.Typer(
    cls=Alone,
    help="Share projects with others; alone it lists your teams.\n\nExample: wh teams invite crew ada@example.org --file link.txt",
)

Team = Annotated[str, typer.Argument(metavar="TEAM", help="Its name.")]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="Their e-mail address, or their id.")]


class Role(StrEnum):
    """What a member may do."""

    viewer = "viewer"
    developer = "developer"
    admin = "admin"
    owner = "owner"


@commands.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List your teams, your role in each, and how many are in it.

    Example: wh teams
    """
    with platform(otherwise="wh context") as api:
        items = api.teams()
    if as_json:
        print_json(items)
        return
    table = terminal.table("team", "your role", "members", "")
    for item in items:
        told = (
            f"deleted, gone {when(item['purge_at'])}" if item["deleted_at"] else "personal" if item["personal"] else ""
        )
        table.add_row(cell(item["name"]), cell(item["role"]), cell(str(item["members"])), cell(told))
    terminal.show(table)


@commands.command("create")
def create(team: Team, *, as_json: AsJson = False) -> None:
    """Make a team that you own.

    Example: wh teams create crew
    """
    with platform(otherwise="wh teams") as api:
        made = api.create_team(team)
    if as_json:
        print_json(made)
        return
    say(f"Made the team {team}. Next: wh teams invite {team} EMAIL --file link.txt")


@commands.command("show")
def show(team: Team, *, as_json: AsJson = False) -> None:
    """Show who is in a team, and whom it has invited.

    Example: wh teams show crew
    """
    with platform(otherwise="wh teams") as api:
        found = api.team(team_of(api, team)["id"])
    if as_json:
        print_json(found)
        return
    table = terminal.table("member", "e-mail", "role")
    for member in found["people"]:
        table.add_row(cell(member["name"]), cell(member["email"]), cell(member["role"]))
    for invited in found["invitations"]:
        table.add_row(
            cell("invited"), cell(invited["email"]), cell(f"{invited['role']}, until {when(invited['expires_at'])}")
        )
    terminal.show(table)


@commands.command("invite")
def invite(
    team: Team,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Of whom; they must sign in with it.")],
    file: SecretFile,
    role: Annotated[Role, typer.Option(metavar="ROLE", help="viewer, developer, admin or owner.")] = Role.developer,
    days: Annotated[int, typer.Option(min=1, max=30, help="Days until it ends.")] = 7,
    *,
    as_json: AsJson = False,
) -> None:
    """Invite an address into a team. Its link is shown this once: written into a new file that only you may read.

    Example: wh teams invite crew ada@example.org --role viewer --file link.txt
    """
    again = f"wh teams invite {team} {email} --file FILE"
    terminal.can_hand_out(file, again)
    with platform(otherwise=f"wh teams show {team}") as api:
        made = api.invite(team_of(api, team)["id"], email, role.value, days)
    printed = str(file) == "-"
    if not printed or not as_json:
        terminal.hand_out(made["link"], file, again)
    if as_json:
        print_json({key: value for key, value in made.items() if printed or key != "link"})
    elif not printed:
        say(f"Wrote the link for {email} to {file}; it works once, until {when(made['expires_at'])}.")


@commands.command("role")
def set_role(
    team: Team,
    member: Member,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, developer, admin or owner.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Give a member another role; it holds at once.

    Example: wh teams role crew ada@example.org admin
    """
    with platform(otherwise=f"wh teams show {team}") as api:
        found = _member(api, team, member)
        changed = api.set_team_role(found["team_id"], found["user_id"], role.value)
    if as_json:
        print_json(changed)
        return
    say(f"{found['email']} is {role.value} of {team}.")


@commands.command("remove")
def remove(team: Team, member: Member, *, as_json: AsJson = False) -> None:
    """Take a member out of a team, or leave it; they are out at once.

    Example: wh teams remove crew ada@example.org
    """
    with platform(otherwise=f"wh teams show {team}") as api:
        found = _member(api, team, member)
        api.remove_member(found["team_id"], found["user_id"])
    if as_json:
        print_json(found)
        return
    say(f"{found['email']} is not in {team} any more.")


def team_of(api: Any, name: str) -> Any:
    """Return one of one's teams by name or id. Raises Refused."""
    for item in api.teams():
        if name in {item["name"], item["id"]}:
            return item
    raise Refused(404, "not_found", f"You are in no team {name}.", "wh teams")


def _member(api: Any, team: str, member: str) -> Any:
    found = api.team(team_of(api, team)["id"])
    for one in found["people"]:
        if member.lower() in {one["email"].lower(), one["user_id"]}:
            return {**one, "team_id": found["id"]}
    raise Refused(404, "not_found", f"There is no member {member} in {team}.", f"wh teams show {team}")
