"""A project on a ready worker, and a worker's voice: what it would report over the wire, said to the services directly."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from wisehosting_cp.accounts.models import Team, User
from wisehosting_cp.deployments import repository, service
from wisehosting_cp.deployments.models import Cause, Deployment
from wisehosting_cp.deployments.reconciler import Reconciler
from wisehosting_cp.ingress import service as ingress
from wisehosting_cp.instances import service as instances
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.jobs import service as jobs
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment, EnvironmentKind, Project
from wisehosting_cp.workers.models import AgentSession, Worker, WorkerHealth
from wisehosting_wire.workload import InstanceStatus

BUILT = {"image": "sha256:" + "1" * 64, "command": ["run"], "exposed": [], "size_bytes": 5, "seconds": 2.5}


@dataclass
class Stage:
    """One environment on one worker."""

    context: Context
    environment: UUID
    worker: UUID
    edge_says: str = ""
    """What the outermost edge shows instead of the deployment; nothing when it answers."""
    reconciler: Reconciler = field(init=False)

    def __post_init__(self) -> None:
        async def edge(_: UUID) -> str:
            return self.edge_says

        self.reconciler = Reconciler(self.context, edge)

    async def start(self, **facts: Any) -> UUID:
        async with self.context.db.transaction() as session:
            environment = await session.get_one(Environment, self.environment)
            project = await session.get_one(Project, environment.project_id)
            deployment = await service.start(
                session,
                self.context,
                environment=environment,
                project=project,
                cause=facts.pop("cause", Cause.api),
                ref="main",
                asker={"actor": "platform"},
                **facts,
            )
            return deployment.id

    async def reconcile(self) -> list[str]:
        return await self.reconciler.reconcile(self.environment)

    async def get(self, deployment_id: UUID) -> Deployment:
        async with self.context.db.read() as session:
            return await session.get_one(Deployment, deployment_id)

    async def build(
        self, deployment_id: UUID, result: dict[str, Any] | None = None, *, commit: str = "a" * 40, **failure: str
    ) -> None:
        """Say what a worker says of a build: checked out, then done or failed."""
        deployment = await self.get(deployment_id)
        assert deployment.build_id
        async with self.context.db.transaction() as session:
            job = (await repository.jobs_of(session, {deployment.build_id}))[deployment.build_id]
            facts = {"seconds": 0.5, "commit": commit, "subject": "First", "author": "Ada"}
            await jobs.progress(
                session, self.worker, job_id=job.id, attempt=job.attempt, phase="checked_out", facts=facts
            )
            ended = {"result": None, **failure} if failure else {"result": result or BUILT}
            await jobs.finish(session, self.worker, job_id=job.id, attempt=job.attempt, **ended)  # type: ignore[arg-type]

    async def observe(self, deployment_id: UUID, status: InstanceStatus, **facts: Any) -> list[Instance]:
        """Say what a worker says of all instances of a deployment."""
        async with self.context.db.transaction() as session:
            rows = await instances.of_deployment(session, deployment_id)
            for row in rows:
                facts = {"address": "127.0.0.1", "port": 20000, **facts}
                seen = instances.Observation(instance_id=row.id, status=status, **facts)
                await instances.observe(session, self.worker, seen, now=self.context.clock.now())
            await ingress.touch(session, self.environment)
            return rows

    async def acknowledge(self, *refused: str) -> None:
        """Say that the ingress node has the newest table in force."""
        async with self.context.db.transaction() as session:
            revision, _ = await ingress.table(session)
            now = self.context.clock.now()
            await ingress.acknowledge(
                session, self.worker, revision=revision, digest=b"", refused=list(refused), now=now
            )

    async def answer_probes(self, seen: int | None) -> int:
        """Answer what the ingress node was asked; return how many."""
        async with self.context.db.transaction() as session:
            wanted = await ingress.probes_wanted(session, self.worker)
            for probe in wanted:
                await ingress.probed(
                    session,
                    self.worker,
                    deployment_id=probe.deployment,
                    seen=seen,
                    status=200,
                    detail="",
                    now=self.context.clock.now(),
                )
            return len(wanted)

    async def go_live(self) -> UUID:
        """Walk a deployment all the way to live."""
        deployment_id = await self.start()
        await self.reconcile()
        await self.build(deployment_id)
        await self.reconcile()
        await self.observe(deployment_id, InstanceStatus.ready)
        await self.reconcile()
        await self.acknowledge()
        await self.reconcile()
        await self.answer_probes((await self.get(deployment_id)).number)
        await self.reconcile()
        return deployment_id

    async def live(self) -> UUID | None:
        async with self.context.db.read() as session:
            query = select(Deployment.id).where(
                Deployment.environment_id == self.environment, Deployment.status == "live"
            )
            return (await session.execute(query)).scalar_one_or_none()


@pytest.fixture
async def stage(context: Context) -> Stage:
    async with context.db.transaction() as session:
        session.add(User(name="Ada", email="ada@example.org"))
        team = Team(name="ada", personal=True)
        session.add(team)
        await session.flush()
        project = Project(team_id=team.id, name="shop", repository_url="https://git.example.org/shop", branch="main")
        session.add(project)
        worker = Worker(
            name="one",
            mesh_address="127.0.0.1",
            health=WorkerHealth.ready,
            roles=["apps", "builds", "ingress"],
            firewall={"closed": True},
            versions={"agent": "0.1.0"},
            last_seen_at=func.now() + timedelta(hours=1),
        )
        session.add(worker)
        await session.flush()
        session.add(AgentSession(worker_id=worker.id, protocol=1))
        environment = Environment(
            project_id=project.id,
            name="production",
            kind=EnvironmentKind.production,
            hostname="shop.localhost",
        )
        session.add(environment)
        await session.flush()
    return Stage(context, environment.id, worker.id)
