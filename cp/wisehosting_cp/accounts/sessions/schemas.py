"""What the API says of who is signed in."""

from datetime import datetime
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


class BrowserSessionView(BaseModel):
    """A signed-in browser."""

    id: UUID
    device: str
    """In plain words: `Firefox on Linux`."""
    address: str
    created_at: datetime
    last_seen_at: datetime | None
    """At most half a minute behind; null when it was not seen since."""
    expires_at: datetime
    current: bool
    """The browser that asks."""


class SessionsEnded(BaseModel):
    """How many sessions ended."""

    ended: int
