"""SQL of sources."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.deployments.status import DeploymentStatus
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.sources.models import SeenRef, Webhook, WebhookDelivery

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


async def take_due(session: AsyncSession, now: datetime, *, limit: int, lease: timedelta) -> list[UUID]:
    """Take projects whose branch is due for a look, for the length of a lease; nobody else takes them meanwhile."""
    due = (
        select(SeenRef.project_id, SeenRef.ref)
        .where(SeenRef.next_check_at <= now)
        .order_by(SeenRef.next_check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    result = await session.execute(
        update(SeenRef)
        .where(SeenRef.project_id == due.c.project_id, SeenRef.ref == due.c.ref)
        .values(next_check_at=now + lease)
        .returning(SeenRef.project_id)
        .execution_options(synchronize_session=False)
    )
    return list(result.scalars())


async def rest(session: AsyncSession, project_id: UUID) -> None:
    """Look at a project's branches no more."""
    await session.execute(update(SeenRef).where(SeenRef.project_id == project_id).values(next_check_at=NEVER))


async def wake(session: AsyncSession, project_id: UUID, now: datetime) -> None:
    """Look at a project's branches again."""
    await session.execute(update(SeenRef).where(SeenRef.project_id == project_id).values(next_check_at=now))


async def watch(session: AsyncSession, project: Project, now: datetime) -> None:
    """Watch the project's branch and no other; what is there now counts as not seen yet."""
    others = (SeenRef.project_id == project.id) & (SeenRef.ref != project.branch)
    await session.execute(delete(SeenRef).where(others))
    if await session.get(SeenRef, (project.id, project.branch)) is None:
        session.add(SeenRef(project_id=project.id, ref=project.branch, failures=0, seen_at=now, next_check_at=now))
        await session.flush()


async def next_due(session: AsyncSession) -> datetime | None:
    """Return when the next look is due."""
    return (await session.execute(select(func.min(SeenRef.next_check_at)))).scalar_one()


async def watched(
    session: AsyncSession, project_id: UUID, *, lock: bool = False
) -> tuple[Project, Environment, SeenRef] | None:
    """Return a project with production and the last commit seen on its branch; the project was found within its team.

    None for a deleted one.
    """
    query = (
        select(Project, Environment, SeenRef)
        .join(
            Environment,
            and_(Environment.project_id == Project.id, Environment.kind == EnvironmentKind.production),
        )
        .join(SeenRef, and_(SeenRef.project_id == Project.id, SeenRef.ref == Project.branch))
        .where(Project.id == project_id, Project.deleted_at.is_(None))
    )
    if lock:
        query = query.with_for_update(of=SeenRef).execution_options(populate_existing=True)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def seen(session: AsyncSession, projects: Collection[UUID]) -> dict[UUID, SeenRef]:
    """Return what was last seen on the branches of these projects."""
    query = (
        select(SeenRef)
        .join(Project, and_(Project.id == SeenRef.project_id, Project.branch == SeenRef.ref))
        .where(SeenRef.project_id.in_(projects))
    )
    return {row.project_id: row for row in (await session.execute(query)).scalars()}


async def hooks(session: AsyncSession, projects: Collection[UUID]) -> dict[UUID, Webhook]:
    """Return the webhooks of these projects."""
    query = select(Webhook).where(Webhook.project_id.in_(projects)).order_by(Webhook.created_at)
    return {row.project_id: row for row in (await session.execute(query)).scalars()}


async def hook(session: AsyncSession, hook_id: str) -> Webhook | None:
    """Return a webhook by its opaque id. Its caller proves itself by the signature, not by a team."""
    return await session.get(Webhook, hook_id)


async def delivered(session: AsyncSession, hook_id: str, delivery: str, *, since: datetime | None) -> bool:
    """Tell whether a delivery was acted upon; with `since`, one that was received from then on."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook_id, WebhookDelivery.delivery == delivery)
    if since is not None:
        query = query.where(WebhookDelivery.received_at >= since)
    return (await session.execute(select(query.exists()))).scalar_one()


async def note_delivery(session: AsyncSession, hook_id: str, delivery: str, received_at: datetime) -> None:
    """Note that a delivery was acted upon."""
    statement = insert(WebhookDelivery).values(webhook_id=hook_id, delivery=delivery, received_at=received_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["webhook_id", "delivery"],
            set_={"received_at": func.greatest(WebhookDelivery.received_at, received_at)},
        )
    )


async def forget_deliveries(session: AsyncSession, before: datetime) -> None:
    """Delete deliveries older than that."""
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.received_at < before))


async def shown_deployments(
    session: AsyncSession, environments: Sequence[UUID]
) -> tuple[dict[UUID, Deployment], dict[UUID, Deployment]]:
    """Return the live and the newest deployment of each environment, in one query."""
    newest = (
        select(Deployment.environment_id, func.max(Deployment.number).label("number"))
        .where(Deployment.environment_id.in_(environments))
        .group_by(Deployment.environment_id)
        .subquery()
    )
    query = (
        select(Deployment)
        .join(newest, newest.c.environment_id == Deployment.environment_id)
        .where(or_(Deployment.number == newest.c.number, Deployment.status == DeploymentStatus.live))
        .order_by(Deployment.number)
    )
    live: dict[UUID, Deployment] = {}
    latest: dict[UUID, Deployment] = {}
    for row in (await session.execute(query)).scalars():
        latest[row.environment_id] = row
        if row.status is DeploymentStatus.live:
            live[row.environment_id] = row
    return live, latest


async def described(session: AsyncSession, commits: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Deployment]:
    """Return a deployment that read subject and author of each of these commits of projects, where there is one."""
    if not commits:
        return {}
    query = select(Deployment).where(
        Deployment.project_id.in_({project for project, _ in commits}),
        Deployment.commit.in_({commit for _, commit in commits}),
        Deployment.subject.is_not(None),
    )
    return {(row.project_id, str(row.commit)): row for row in (await session.execute(query)).scalars()}
