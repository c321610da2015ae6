"""SQL of workers."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.workers.models import (
    AgentSession,
    JoinToken,
    Worker,
    WorkerAdmin,
    WorkerCredential,
    WorkerDisk,
    WorkerHealth,
    WorkerNonce,
)


async def use_join_token(session: AsyncSession, token_hash: bytes, name: str, now: datetime) -> JoinToken | None:
    """Spend a join token. This one statement decides who of many wins; the others get None."""
    statement = (
        update(JoinToken)
        .where(
            JoinToken.token_hash == token_hash,
            JoinToken.worker_name == name,
            JoinToken.used_at.is_(None),
            JoinToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(JoinToken)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def join_token(session: AsyncSession, token_hash: bytes) -> JoinToken | None:
    """Return a join token by its hash."""
    return (await session.execute(select(JoinToken).where(JoinToken.token_hash == token_hash))).scalar_one_or_none()


async def worker_named(session: AsyncSession, name: str) -> Worker | None:
    """Return a worker by its name."""
    return (await session.execute(select(Worker).where(Worker.name == name))).scalar_one_or_none()


async def put_worker(session: AsyncSession, name: str, mesh_address: str) -> UUID:
    """Make the worker, or give the one of this name its new address; return its id."""
    statement = insert(Worker).values(
        id=new_id(),
        name=name,
        mesh_address=mesh_address,
        admin=WorkerAdmin.active,
        health=WorkerHealth.joining,
        roles=[],
        generation=0,
        generation_applied=0,
        versions={},
        capacity={},
        firewall={},
        bases=[],
        disk={},
        limits_enforced=True,
    )
    statement = statement.on_conflict_do_update(index_elements=[Worker.name], set_={"mesh_address": mesh_address})
    return (await session.execute(statement.returning(Worker.id))).scalar_one()


async def put_credential(session: AsyncSession, worker_id: UUID, sealed: bytes, lookup: bytes, now: datetime) -> None:
    """Keep the worker's new key; the one before it, if any, is worth nothing from now on."""
    values = {"api_key_hash": sealed, "lookup": lookup, "revoked_at": None, "created_at": now}
    statement = insert(WorkerCredential).values(worker_id=worker_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[WorkerCredential.worker_id], set_=values))


async def use_nonce(session: AsyncSession, worker_id: UUID, nonce: bytes, expires_at: datetime) -> bool:
    """Note a nonce; False when it was used before."""
    statement = insert(WorkerNonce).values(worker_id=worker_id, nonce=nonce, expires_at=expires_at)
    done = await session.execute(statement.on_conflict_do_nothing().returning(WorkerNonce.nonce))
    return done.scalar_one_or_none() is not None


async def forget_nonces(session: AsyncSession, now: datetime) -> None:
    """Drop the nonces whose tokens have expired."""
    await session.execute(delete(WorkerNonce).where(WorkerNonce.expires_at < now))


async def next_generation(session: AsyncSession, worker_id: UUID) -> int:
    """Raise the worker's generation; return it. The row stays locked until the commit, so generations commit in order."""
    statement = (
        update(Worker)
        .where(Worker.id == worker_id)
        .values(generation=Worker.generation + 1)
        .returning(Worker.generation)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one()


def connected() -> Any:
    """Return the condition 'has an open connection'."""
    return exists().where(AgentSession.worker_id == Worker.id, AgentSession.ended_at.is_(None))


def seen_within(seconds: float) -> Any:
    """Return the condition 'was heard of within so many seconds', by the database's clock."""
    return Worker.last_seen_at > func.now() - timedelta(seconds=seconds)


async def page(
    session: AsyncSession, *, after: UUID | None, limit: int, present_seconds: float
) -> list[tuple[Worker, bool]]:
    """Return workers with whether each is connected."""
    query = (
        select(Worker, (connected() & func.coalesce(seen_within(present_seconds), False)).label("connected"))
        .order_by(Worker.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Worker.id > after)
    return [(worker, bool(here)) for worker, here in (await session.execute(query)).all()]


async def one(session: AsyncSession, worker_id: UUID, present_seconds: float) -> tuple[Worker, bool] | None:
    """Return a worker with whether it is connected."""
    query = select(Worker, (connected() & func.coalesce(seen_within(present_seconds), False)).label("connected")).where(
        Worker.id == worker_id
    )
    found = (await session.execute(query)).one_or_none()
    return (found[0], bool(found[1])) if found else None


async def full(session: AsyncSession, load: Mapping[UUID, int]) -> list[UUID]:
    """Return the workers, of those with a load, that have as many builds as they said they run at once."""
    if not load:
        return []
    query = select(Worker.id, Worker.capacity["builds"].as_integer()).where(Worker.id.in_(list(load)))
    return [worker for worker, most in (await session.execute(query)).all() if most and load[worker] >= most]


async def fit(
    session: AsyncSession,
    role: str,
    *,
    present_seconds: float,
    only: UUID | None,
    without: Collection[UUID] = (),
    limit: int,
) -> list[Worker]:
    """Return workers that take work of a role now, those with the most free disk first."""
    query = (
        select(Worker)
        .where(
            Worker.admin == WorkerAdmin.active,
            Worker.health == WorkerHealth.ready,
            Worker.roles.contains([role]),
            Worker.firewall["closed"].as_boolean().is_(True),
            seen_within(present_seconds),
            connected(),
        )
        .order_by(func.coalesce(Worker.capacity["disk_free_bytes"].as_numeric(20, 0), 0).desc(), Worker.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(Worker.id == only)
    if without:
        query = query.where(Worker.id.not_in(list(without)))
    return list((await session.execute(query)).scalars())


async def ingress_nodes(session: AsyncSession) -> list[UUID]:
    """Return the ingress nodes that are not lost."""
    query = (
        select(Worker.id)
        .where(
            Worker.health == WorkerHealth.ready,
            Worker.admin != WorkerAdmin.retired,
            Worker.roles.contains(["ingress"]),
        )
        .order_by(Worker.id)
    )
    return list((await session.execute(query)).scalars())


async def forget_sessions(session: AsyncSession, days: int) -> None:
    """Drop what is kept of connections that ended long ago."""
    await session.execute(delete(AgentSession).where(AgentSession.ended_at < func.now() - timedelta(days=days)))


async def mark_lost(session: AsyncSession, seconds: float) -> list[UUID]:
    """Mark ready workers that were not heard of for so long; return them."""
    statement = (
        update(Worker)
        .where(
            Worker.health == WorkerHealth.ready,
            func.coalesce(Worker.last_seen_at, Worker.created_at) < func.now() - timedelta(seconds=seconds),
        )
        .values(health=WorkerHealth.lost)
        .returning(Worker.id)
    )
    return list((await session.execute(statement)).scalars())


async def touch(session: AsyncSession, workers: Iterable[UUID]) -> None:
    """Note that these workers were heard of now."""
    await session.execute(
        update(Worker)
        .where(Worker.id.in_(list(workers)))
        .values(last_seen_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def report(session: AsyncSession, worker_id: UUID, values: dict[str, Any]) -> None:
    """Keep what a worker said of itself."""
    await session.execute(
        update(Worker).where(Worker.id == worker_id).values(**values).execution_options(synchronize_session=False)
    )


async def keep_disk(session: AsyncSession, worker_id: UUID, document: dict[str, Any], now: datetime) -> None:
    """Keep what a worker said of its disk; its figures stand at the worker itself as well. A second call changes nothing but the time."""
    values = {"report": document, "reported_at": now}
    statement = insert(WorkerDisk).values(worker_id=worker_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[WorkerDisk.worker_id], set_=values))
    figures = {name: document.get(name, 0) for name in ("budget_bytes", "used_bytes", "free_bytes")}
    await report(session, worker_id, {"disk": figures})


async def disks(session: AsyncSession, name: str | None) -> list[tuple[Worker, WorkerDisk | None]]:
    """Return workers, or the one of this name, with what each said of its disk."""
    query = select(Worker, WorkerDisk).outerjoin(WorkerDisk, WorkerDisk.worker_id == Worker.id).order_by(Worker.name)
    if name is not None:
        query = query.where(Worker.name == name)
    return [(worker, disk) for worker, disk in (await session.execute(query)).all()]


async def credentials_changed_within(session: AsyncSession, seconds: float) -> list[WorkerCredential]:
    """Return keys revoked or replaced lately, by the database's clock."""
    since = func.now() - timedelta(seconds=seconds)
    query = select(WorkerCredential).where(
        (WorkerCredential.revoked_at > since) | (WorkerCredential.created_at > since)
    )
    return list((await session.execute(query)).scalars())
