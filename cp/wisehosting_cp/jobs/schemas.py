"""Jobs as the API shows them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from wisehosting_cp.jobs.models import JobKind, JobStatus


class JobView(BaseModel):
    """A job, without its payload."""

    id: UUID
    kind: JobKind
    status: JobStatus
    subject_id: UUID
    worker_id: UUID | None
    attempt: int
    cancel_wanted: bool
    reason: str | None
    detail: str | None
    created_at: datetime
    finished_at: datetime | None
