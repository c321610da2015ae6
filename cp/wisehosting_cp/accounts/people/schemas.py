"""What the API says and takes of the platform's people."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.kit.web import Shape


class PersonView(BaseModel):
    """Somebody who signed in at least once."""

    id: UUID
    name: str
    email: str
    operator: bool
    created_at: datetime
    disabled_at: datetime | None
    """Since when they are shut out."""


class Disable(Shape):
    """Shut somebody out."""

    although_last_owner: bool = False
    """Also when teams with other members are left without an owner."""
