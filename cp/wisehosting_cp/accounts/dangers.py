"""Which acts take a step-up: the one table. Routes look themselves up in it, the API's description and the docs print it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Danger:
    """An act before which people show again who they are."""

    does: str
    """In words: `delete a team`."""
    when: str = ""
    """It is dangerous only then; always when empty."""
    browser_only: bool = False
    """No API token may do it. Else one with the scope admin does it as it is: making one took a step-up."""


DANGERS: Mapping[str, Danger] = {
    "begin_totp": Danger("set up an authenticator app", browser_only=True),
    "remove_totp": Danger("remove the authenticator app", browser_only=True),
    "begin_passkey": Danger("add a passkey", browser_only=True),
    "remove_passkey": Danger("remove a passkey", browser_only=True),
    "make_recovery_codes": Danger("make new recovery codes", browser_only=True),
    "revoke_other_sessions": Danger("sign all other browsers out", browser_only=True),
    "create_token": Danger("make an API token", when="its scope is admin", browser_only=True),
    "change_team": Danger("change a team", when="it says whether its members need a second factor"),
    "change_member": Danger("set a member's role", when="the role is owner"),
    "invite": Danger("invite somebody to a team", when="the role is owner"),
    "hand_over_team": Danger("hand a team over"),
    "delete_team": Danger("delete a team"),
    "delete_project": Danger("delete a project"),
    "disable_person": Danger("disable a person", browser_only=True),
    "enable_person": Danger("enable a person", browser_only=True),
}
"""By the route's operation id."""


def danger_table() -> str:
    """Return the table as it stands in the docs, in Markdown."""
    heads = ["| Act | Only when | By an API token |", "|---|---|---|"]
    rows = (
        f"| {danger.does} | {danger.when} | {'' if danger.browser_only else 'with the scope `admin`'} |"
        for danger in DANGERS.values()
    )
    return "\n".join([*heads, *rows]) + "\n"
