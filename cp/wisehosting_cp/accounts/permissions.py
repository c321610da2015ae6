"""Who may do what: the one table. Routes name its rows, rows are checked against it, the docs print it. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wisehosting_cp.accounts.models import Role, Scope

RANK: Mapping[Role, int] = {Role.viewer: 0, Role.developer: 1, Role.admin: 2, Role.owner: 3}
ALL_SCOPES = frozenset(Scope)
IMPLIED: Mapping[Scope, frozenset[Scope]] = {
    Scope.read: frozenset({Scope.read}),
    Scope.deploy: frozenset({Scope.read, Scope.deploy}),
    Scope.admin: ALL_SCOPES,
}
"""What a scope includes."""


class Permission(enum.StrEnum):
    """One kind of act."""

    session_read = "session.read"
    account_read = "account.read"
    account_change = "account.change"
    team_read = "team.read"
    team_create = "team.create"
    team_leave = "team.leave"
    team_change = "team.change"
    members_change = "members.change"
    team_delete = "team.delete"
    audit_read = "audit.read"
    project_read = "project.read"
    project_create = "project.create"
    project_change = "project.change"
    project_delete = "project.delete"
    project_roles = "project.roles"
    deployment_start = "deployment.start"
    variables_read = "variables.read"
    variables_write = "variables.write"
    hook_renew = "hook.renew"
    platform_read = "platform.read"
    platform_operate = "platform.operate"
    people_read = "people.read"
    people_change = "people.change"


@dataclass(frozen=True)
class Needs:
    """What somebody must have for an act."""

    does: str
    """The act, in words: `start, cancel and roll back deployments`."""
    scope: Scope
    """Of an API token. A browser session has them all."""
    role: Role | None = None
    """In the team that owns the thing; none where it is one's own or everybody's."""
    operator: bool = False
    in_project: bool = False
    """A token of one project may do it there."""


PERMISSIONS: Mapping[Permission, Needs] = {
    Permission.session_read: Needs("see who is signed in, sign out", Scope.read, in_project=True),
    Permission.account_read: Needs("see one's own tokens", Scope.read),
    Permission.account_change: Needs("make and revoke tokens, see one's sessions and end them", Scope.admin),
    Permission.team_read: Needs("see a team and its members", Scope.read, Role.viewer),
    Permission.team_create: Needs("make a team", Scope.admin),
    Permission.team_leave: Needs("leave a team; in a browser only: accept an invitation", Scope.admin),
    Permission.team_change: Needs("rename a team, ask a second factor of its members", Scope.admin, Role.admin),
    Permission.members_change: Needs("invite and remove members, set their roles", Scope.admin, Role.admin),
    Permission.team_delete: Needs("delete or hand over a team", Scope.admin, Role.owner),
    Permission.audit_read: Needs("read the audit log", Scope.read, Role.admin),
    Permission.project_read: Needs(
        "see projects, deployments, instances and logs", Scope.read, Role.viewer, in_project=True
    ),
    Permission.project_create: Needs("make a project", Scope.deploy, Role.developer),
    Permission.project_change: Needs(
        "change a project's settings, scale it", Scope.deploy, Role.developer, in_project=True
    ),
    Permission.project_delete: Needs("delete and restore a project", Scope.admin, Role.admin, in_project=True),
    Permission.project_roles: Needs("set roles in a project", Scope.admin, Role.admin),
    Permission.deployment_start: Needs(
        "deploy, cancel, roll back, restart", Scope.deploy, Role.developer, in_project=True
    ),
    Permission.variables_read: Needs("see the names of variables", Scope.read, Role.viewer, in_project=True),
    Permission.variables_write: Needs("set and remove variables", Scope.deploy, Role.developer, in_project=True),
    Permission.hook_renew: Needs("give a webhook a new secret", Scope.deploy, Role.developer, in_project=True),
    Permission.platform_read: Needs("see the platform's state", Scope.read, in_project=True),
    Permission.platform_operate: Needs("see workers and jobs", Scope.read, operator=True),
    Permission.people_read: Needs("see who has an account", Scope.read, operator=True),
    Permission.people_change: Needs("disable and enable people", Scope.admin, operator=True),
}


@dataclass(frozen=True)
class Reach:
    """What somebody can see: everything of some teams, or one project of them. Queries are scoped by it."""

    teams: tuple[UUID, ...]
    project: UUID | None = None


def at_least(role: Role | None, wanted: Role) -> bool:
    """Whether a role includes another."""
    return role is not None and RANK[role] >= RANK[wanted]


def effective(in_team: Role | None, in_project: Role | None) -> Role | None:
    """Return the role somebody has in a project: the project's own says more or less than the team's.

    It needs a member: a project's role of somebody who left counts for nothing. Owners and admins of the team, who set
    those roles, keep their own.
    """
    if in_team is None or in_project is None or RANK[in_team] >= RANK[Role.admin]:
        return in_team
    return in_project


def permission_table() -> str:
    """Return the table as it stands in the docs: a line a permission, a column a role, in Markdown."""
    heads = ["Permission", "To", *(str(role) for role in RANK), "token's scope"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for permission, needs in PERMISSIONS.items():
        if needs.operator:
            cells = ["operators of the platform", "", "", ""]
        elif needs.role is None:
            cells = ["yes"] * len(RANK)
        else:
            cells = ["yes" if at_least(role, needs.role) else "" for role in RANK]
        lines.append("| " + " | ".join([f"`{permission}`", needs.does, *cells, f"`{needs.scope}`"]) + " |")
    return "\n".join(lines) + "\n"
