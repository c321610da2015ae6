"""Instances over REST."""

from uuid import UUID

from fastapi import APIRouter

from wisehosting_cp.accounts.access import Reader
from wisehosting_cp.instances import repository
from wisehosting_cp.instances.schemas import InstanceView, view
from wisehosting_cp.kit.web import Page, Reading

router = APIRouter(tags=["instances"])


@router.get("/instances", operation_id="list_instances")
async def list_instances(session: Reading, asker: Reader, environment: UUID | None = None) -> Page[InstanceView]:
    """List the instances that exist or should, of one environment or of all your teams."""
    rows = await repository.seen(session, asker.team_ids(), environment_id=environment)
    return Page(items=[view(instance, worker) for instance, worker in rows])
