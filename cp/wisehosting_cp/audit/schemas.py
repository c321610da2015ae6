"""What the API says of audit events."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field


def _storable(at: datetime) -> datetime:
    # Near the ends of the calendar a time cannot be brought to UTC.
    if not 1970 <= at.year < 9999:
        raise ValueError("a time from 1970 to 9998 is needed")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_storable)]


class AuditWanted(BaseModel):
    """Which events; all that one may see without a condition."""

    team: UUID | None = None
    action: str = Field(default="", max_length=60, pattern="^[ -~]*$")
    """How the action begins: `token.`, or `token.issue`."""
    actor: str | None = Field(default=None, max_length=80, pattern="^[ -~]*$")
    subject: str | None = Field(default=None, max_length=120, pattern="^[ -~]*$")
    since: Moment | None = None
    until: Moment | None = None
    """This moment itself is left out."""


class AuditFilter(AuditWanted):
    """A page of them."""

    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class AuditEventView(BaseModel):
    """Who did what to which thing, when, from where."""

    id: UUID
    at: datetime
    actor: str
    actor_name: str | None = None
    """The person's, or the token's; None for machines, and for whom there is no row any more."""
    action: str
    subject: str
    subject_name: str | None = None
    """Of a person, token or team; None for what the details name, and for what there is no row of any more."""
    team_id: UUID | None
    """None for what concerns the platform."""
    address: str
    request_id: str
    detail: dict[str, Any]
