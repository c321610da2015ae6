"""REST of variables."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts.access import VariablesReader, VariablesWriter
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.kit.etag import IfMatch, etag
from wisehosting_cp.kit.web import Ctx, Reading, Transaction
from wisehosting_cp.projects import repository, service
from wisehosting_cp.projects.models import Environment
from wisehosting_cp.projects.schemas import VariablesChange, VariablesView, VariableView

router = APIRouter(prefix="/api/v1", tags=["variables"])


@router.get("/environments/{environment_id}/variables", operation_id="get_variables")
async def variables(
    environment_id: UUID, response: Response, session: Reading, asker: VariablesReader
) -> VariablesView:
    """List names and scopes. Values are write-only. The ETag is the version in quotes."""
    environment, _ = await service.environment(session, asker.reach, environment_id)
    response.headers["etag"] = etag(environment.variables_version)
    return await _view(session, environment)


@router.put("/environments/{environment_id}/variables", operation_id="write_variables")
async def write_variables(
    environment_id: UUID,
    asked: VariablesChange,
    response: Response,
    session: Transaction,
    ctx: Ctx,
    asker: VariablesWriter,
    if_match: IfMatch = None,
) -> VariablesView:
    """Write and remove variables as one new version; the next deployment uses it. With If-Match, only at that version."""
    environment, project = await service.environment(session, asker.reach, environment_id)
    asker.require(Permission.variables_write, team=project.team_id, project=project.id)
    await service.write(
        session,
        ctx,
        environment=environment,
        project=project,
        changes={
            name: service.Change(value=change.value.get_secret_value(), scope=change.scope)
            for name, change in asked.set.items()
        },
        removed=asked.remove,
        asker=asker.audit(),
        if_match=if_match,
    )
    response.headers["etag"] = etag(environment.variables_version)
    return await _view(session, environment)


async def _view(session: AsyncSession, environment: Environment) -> VariablesView:
    rows = await repository.variables(session, environment.id, environment.variables_version)
    return VariablesView(
        version=environment.variables_version,
        items=[VariableView(name=row.name, scope=row.scope, updated_at=row.created_at) for row in rows],
    )
