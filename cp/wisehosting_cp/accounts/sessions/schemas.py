"""What the API says of who is signed in."""

from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.teams.schemas import TeamRow


class UserView(BaseModel):
    """The person signed in."""

    id: UUID
    name: str
    email: str
    operator: bool


class TeamView(BaseModel):
    """The team whose projects are shown."""

    id: UUID
    name: str
    role: Role


class PlatformFacts(BaseModel):
    """What a client needs to know of the platform."""

    version: str
    local: bool
    apps_domain: str
    apps_address: str
    example_repository: str | None
    poll_seconds: float


class SessionView(BaseModel):
    """Who is signed in, where."""

    user: UserView
    team: TeamView
    """The personal one."""
    teams: list[TeamRow]
    closed_teams: list[str]
    """Names of teams that are open to one once one has a second factor."""
    platform: PlatformFacts
