"""Who asks, and what the table of permissions lets them do. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wisehosting_cp.accounts.models import Role, Scope
from wisehosting_cp.accounts.permissions import PERMISSIONS, Permission, Reach, at_least, effective
from wisehosting_cp.errors import Forbidden

PLATFORM: Mapping[str, Any] = {"actor": "platform"}
"""What the audit trail wants to know of an asker who is the platform itself, or its operator at the server."""


@dataclass(frozen=True)
class Principal:
    """A signed-in person, in a browser or by an API token."""

    user_id: UUID
    actor: str
    """`user:<id>` or `token:<id>`, for audit rows."""
    teams: Mapping[UUID, Role]
    scopes: frozenset[Scope]
    operator: bool
    address: str
    request_id: str
    projects: Mapping[UUID, Role] = field(default_factory=dict)
    """Projects in which this person has another role than in the team."""
    project_id: UUID | None = None
    """The one project that an API token is for."""
    session_id: UUID | None = None
    token_id: UUID | None = None
    second_factor: bool = False
    """Whether one was given in this session, or where this token was made."""

    @property
    def reach(self) -> Reach:
        """What this person can see."""
        return Reach(tuple(self.teams), self.project_id)

    def team_ids(self, role: Role = Role.viewer) -> list[UUID]:
        """Return the teams in which this person has at least this role; none for a token of one project."""
        return [] if self.project_id else [team for team, mine in self.teams.items() if at_least(mine, role)]

    def require(self, permission: Permission, *, team: UUID, project: UUID | None = None) -> None:
        """Raise Forbidden when the role in a team, or in a project of it, which this person may see, is too low."""
        wanted = PERMISSIONS[permission].role or Role.viewer
        role = effective(self.teams.get(team), self.projects.get(project) if project else None)
        if project is None or project != self.project_id:
            self.require_unlimited()
        if not at_least(role, wanted):
            raise _role_too_low(permission, wanted)

    def require_unlimited(self) -> None:
        """Raise Forbidden for a token of one project, where what is asked concerns more than that."""
        if self.project_id is not None:
            raise Forbidden("token_of_project", "This token is for one project and cannot do this. Use another token.")

    def require_scope(self, scope: Scope) -> None:
        """Raise Forbidden when the API token was made without this scope."""
        if scope not in self.scopes:
            raise Forbidden("scope_missing", f"This token lacks the scope {scope}. Make a token that has it.")

    def allow(self, permission: Permission) -> None:
        """Raise Forbidden when this person can do such an act nowhere; where they can, each row decides."""
        needs = PERMISSIONS[permission]
        self.require_scope(needs.scope)
        if not needs.in_project:
            self.require_unlimited()
        if needs.operator and not self.operator:
            raise Forbidden("operators_only", "Only operators of this platform may do this.")
        if needs.role is not None and not any(
            at_least(role, needs.role) for role in (*self.teams.values(), *self.projects.values())
        ):
            raise _role_too_low(permission, needs.role)

    def audit(self) -> dict[str, Any]:
        """Return what `kit.audit.record` wants to know of the asker."""
        return {"actor": self.actor, "address": self.address, "request_id": self.request_id}


def _role_too_low(permission: Permission, wanted: Role) -> Forbidden:
    return Forbidden(
        "role_too_low",
        f"You need the role {wanted} to {PERMISSIONS[permission].does}. Ask an owner of the team.",
    )
