"""Logs of instances over REST."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import JSONResponse, Response

from wisehosting_cp.accounts.access import ProjectReader, still
from wisehosting_cp.instances import repository as instances
from wisehosting_cp.kit.web import Ctx
from wisehosting_cp.telemetry import log, repository, stream
from wisehosting_cp.telemetry.sse import line_view

router = APIRouter(tags=["logs"])


@router.get(
    "/environments/{environment_id}/log", operation_id="environment_log", status_code=200, response_class=Response
)
async def environment_log(
    request: Request,
    ctx: Ctx,
    asker: ProjectReader,
    environment_id: UUID,
    tail: Annotated[int, Query(ge=0, le=5000)] = 200,
    form: Annotated[Literal["sse", "json"], Query(alias="format")] = "sse",
    last_event_id: Annotated[str, Header(max_length=80)] = "",
) -> Response:
    """Follow the logs of an environment's instances as server-sent events, or read the last lines as JSON.

    The JSON is one page without a cursor: it merges the ends of several logs that all go on, so a place in it would be
    a place in each of them. Whoever wants what follows takes the events, which resume after `Last-Event-ID`.
    """
    async with ctx.db.read() as session:
        await instances.team_environment(session, environment_id, asker.reach)
        if form == "json":
            return JSONResponse({"items": await _tail(session, environment_id, tail), "next_cursor": None})
    allowed = still(request, ctx, lambda session, now: instances.team_environment(session, environment_id, now.reach))
    return stream.environment_log_response(ctx, environment_id, still=allowed, resume=last_event_id, tail=tail)


async def _tail(session: Any, environment_id: UUID, tail: int) -> list[dict[str, Any]]:
    found: list[tuple[int, dict[str, Any]]] = []
    for instance in await instances.with_logs(
        session, environment_id, removed_for=stream.REMOVED_FOR, limit=stream.MOST_INSTANCES
    ):
        last, _ = await repository.last_line(session, instance.id)
        page = await log.lines(session, instance.id, max(0, last - tail), tail)
        found += [
            (
                item.line.at,
                {**line_view(item.n, item.line), "instance": str(instance.id), "process": instance.process},
            )
            for item in page.lines
        ]
    return [view for _, view in sorted(found, key=lambda item: item[0])[-tail or len(found) :]]
