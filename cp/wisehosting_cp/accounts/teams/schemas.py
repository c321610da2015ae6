"""What the API says and takes of teams."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from wisehosting_cp.accounts.models import Role
from wisehosting_cp.kit.web import Shape

TeamName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,38}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s,<>\"]{1,64}@[^@\s,<>\"]{1,250}$", strip_whitespace=True)]


class TeamRow(BaseModel):
    """A team in a list."""

    id: UUID
    name: str
    personal: bool
    role: Role
    """The asker's."""
    members: int
    second_factor_required: bool
    created_at: datetime
    deleted_at: datetime | None
    purge_at: datetime | None


class MemberView(BaseModel):
    """Somebody in a team."""

    user_id: UUID
    name: str
    email: str
    role: Role
    you: bool


class InvitationView(BaseModel):
    """An invitation that nobody has accepted yet, without its link."""

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class NewInvitationView(InvitationView):
    """An invitation just made. Its link is shown this once."""

    link: str


class TeamDetail(TeamRow):
    """A team with its people."""

    people: list[MemberView]
    invitations: list[InvitationView]
    """Those open, and for a week those that ran out. Empty for whoever may not invite."""
    without_second_factor: int | None
    """How many of its members have none; null for whoever may not ask one of them."""


class ProjectRoleView(BaseModel):
    """Somebody's role in one project where it is another than in the team."""

    user_id: UUID
    name: str
    email: str
    role: Role
    team_role: Role


class TeamCreate(Shape):
    """A new team."""

    name: TeamName


class TeamChange(Shape):
    """What is to be other about a team; what is absent stays."""

    name: TeamName | None = None
    second_factor_required: bool | None = None


class RoleChange(Shape):
    """A role."""

    role: Role


class HandOver(Shape):
    """Who owns the team from now on."""

    user_id: UUID


class Invite(Shape):
    """Whom to invite, as what, for how long."""

    email: Email
    role: Role = Role.developer
    expires_in_days: int = Field(default=7, ge=1, le=30)


class InvitationToken(Shape):
    """What stands behind the # of an invitation's link."""

    token: str = Field(min_length=20, max_length=100)


class OfferView(BaseModel):
    """What an invitation offers."""

    team: str | None
    role: Role | None
    email: str | None
    invited_by: str | None
    operator: bool
