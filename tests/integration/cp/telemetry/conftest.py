"""Reading server-sent events as a browser does."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from wisehosting_cp.accounts.models import Team
from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.telemetry import service as telemetry
from wisehosting_cp.telemetry.lines import Line
from wisehosting_cp.telemetry.models import LogKind
from wisehosting_cp.workers.models import Worker


@dataclass
class Events:
    """A stream of events, read one at a time."""

    stream: AsyncIterator[bytes]

    async def next(self) -> tuple[str, dict[str, Any], str | None]:
        """Return name, data and id of the next event; comments are passed over."""
        while True:
            part = await asyncio.wait_for(anext(self.stream), 10)
            fields = dict(
                line.split(": ", 1) for line in part.decode().strip().splitlines() if not line.startswith(":")
            )
            if fields:
                return fields["event"], json.loads(fields["data"]), fields.get("id")

    async def lines(self, count: int) -> list[str]:
        """Return the texts of so many line events."""
        texts = []
        for _ in range(count):
            name, data, _ = await self.next()
            assert name == "line", (name, data)
            texts.append(data["text"])
        return texts


@dataclass
class Logs:
    """An environment with instances on a worker, and their lines."""

    context: Context
    environment: UUID
    worker: UUID

    async def write(self, subject: UUID, first: int, *texts: str, closes: bool = False, at: int = 10**18) -> int:
        async with self.context.db.transaction() as session:
            return await telemetry.store(
                session,
                subject_id=subject,
                kind=LogKind.instance,
                first=first,
                lines=[Line(at + first + offset, 0, text) for offset, text in enumerate(texts)],
                closes=closes,
            )

    async def instance(self) -> Instance:
        async with self.context.db.transaction() as session:
            return await instances.create(
                session,
                environment_id=self.environment,
                deployment_id=uuid4(),
                worker_id=self.worker,
                process="web",
                spec={"image": "sha256:1", "variables_version": 1, "port": 8080},
            )


@pytest.fixture
async def logs(context: Context) -> Logs:
    async with context.db.transaction() as session:
        team = Team(name="team", personal=True)
        worker = Worker(name="w1", mesh_address="127.0.0.1")
        session.add_all([team, worker])
        await session.flush()
        project = Project(team_id=team.id, name="shop", repository_url="http://git.test/x.git", branch="main")
        session.add(project)
        await session.flush()
        environment = Environment(
            project_id=project.id, name="production", kind=EnvironmentKind.production, hostname="shop.localhost"
        )
        session.add(environment)
        await session.flush()
        return Logs(context, environment.id, worker.id)


@pytest.fixture
def events() -> type[Events]:
    return Events
