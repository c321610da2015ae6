"""Whether an app stands on base images that its worker has made anew since: the suggestion to build it again."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments.models import Build, Deployment, Release
from wisehosting_cp.workers.models import Worker

PREFIX = "localhost/wisehosting/"


async def suggestions(session: AsyncSession, live: Collection[Deployment]) -> dict[UUID, str]:
    """The sentence for each environment whose live deployment should be built again; one query for all of them.

    Each worker makes its bases by itself: ids are compared with those of the worker that built.
    """
    query = (
        select(Release.id, Build.image_facts, Worker.bases)
        .join(Build, Build.id == Release.build_id)
        .join(Worker, Worker.id == Build.worker_id)
        .where(Release.id.in_([row.release_id for row in live if row.release_id is not None]))
    )
    found = {
        release: outdated(facts.get("bases") or {}, bases) for release, facts, bases in await session.execute(query)
    }
    return {
        row.environment_id: sentence(names)
        for row in live
        if row.release_id is not None and (names := found.get(row.release_id))
    }


def outdated(built_on: dict[str, str], now: list[dict[str, Any]]) -> list[str]:
    """Names of the bases that are others now than the app was built on."""
    ready = {base["name"]: base.get("image") for base in now if base.get("status") == "ready"}
    return sorted(name for name, image in built_on.items() if ready.get(name) not in {None, image})


def sentence(names: list[str]) -> str:
    """For people."""
    short = " and ".join(name.removeprefix(PREFIX) for name in names)
    made = "was made anew with newer packages" if len(names) == 1 else "were made anew with newer packages"
    return f"{short} {made} since this was built. Deploy to build on it."
