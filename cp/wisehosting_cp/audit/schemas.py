"""What the API says of audit events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class AuditEventView(BaseModel):
    """Who did what to which thing, when, from where."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    address: str
    request_id: str
    detail: dict[str, Any]
