"""`wh-agent stop-all`: everything of this platform on this host comes to rest. State, images and stopped containers stay."""

import asyncio
import time
from collections.abc import Awaitable

import structlog

from wisehosting_agent.app import Parts, only_one
from wisehosting_agent.errors import AgentError
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.settings import Settings
from wisehosting_agent.store import instances
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_wire.workload import InstanceStatus

_log = structlog.get_logger(__name__)


async def stop_all(settings: Settings, parts: Parts) -> list[str]:
    """Stop HAProxy, then containers, then take the policy away; returns what could not be done, a sentence each.

    Podman takes a bridge away with its last running container. A second call finds nothing to do. Raises
    ConfigurationError while an agent runs on the state folder: it would start everything again.
    """
    troubles: list[str] = []
    with only_one(settings.state_dir):
        store = Database(settings.state_dir / "agent.db")
        await store.open()
        try:
            if "ingress" in settings.roles:
                await _attempt(_stop_ingress(parts), "stopping HAProxy", troubles)
            await _attempt(_stop_containers(parts, store), "stopping containers", troubles)
            await _attempt(parts.runtime.tidy(), "taking port rules away", troubles)
            if not troubles:  # the policy guards what still runs
                await _attempt(parts.firewall.remove(), "removing the tenant policy", troubles)
        finally:
            await store.close()
            for close in parts.close:
                await _attempt(close(), "closing", troubles)
    return troubles


async def _stop_ingress(parts: Parts) -> None:
    await parts.ingress.start()  # adopts the one that runs
    await parts.ingress.stop()


async def _stop_containers(parts: Parts, store: Database) -> None:
    running = [found for found in await parts.runtime.containers() if found.state == ContainerState.running]
    rows = await store.run(instances.load)

    async def stop(found: ObservedContainer) -> None:
        row = rows.get(found.instance)

        def ours(tx: Transaction) -> None:
            instances.update(
                tx, found.instance, stopped_by_us=True, status=InstanceStatus.stopped, next_start_at=time.time()
            )

        await store.run(ours)
        await parts.runtime.stop(found.container, row.stop_seconds if row is not None else 10)
        _log.info("stopped", instance=found.instance)

    results = await asyncio.gather(*(stop(found) for found in running), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _attempt(work: Awaitable[object], verb: str, troubles: list[str]) -> None:
    try:
        await work
    except (AgentError, OSError) as error:
        troubles.append(f"{verb}: {error}")
