"""What the API says and takes of API tokens."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.kit.web import Shape


class TokenView(BaseModel):
    """An API token without the token."""

    id: UUID
    name: str
    scopes: list[Scope]
    project_id: UUID | None
    """The one project it is for."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewTokenView(TokenView):
    """A token just made. It is shown this once."""

    token: str


class TokenCreate(Shape):
    """What a new token may do, and for how long."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(min_length=1, max_length=3)
    project_id: UUID | None = None
    """Only for this project, which one must be able to see."""
    expires_in_days: int = Field(default=90, ge=1, le=366)

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if not name.strip() or not name.isprintable():
            raise ValueError("use a name that can be printed")
        return name.strip()
