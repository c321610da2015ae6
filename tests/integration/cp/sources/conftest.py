"""A real Git server, and a project that follows one of its repositories."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from gitserver import GitServer
from sqlalchemy import select

from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.deployments.status import DeploymentReason, DeploymentStatus, move_to
from wisehosting_cp.kit.context import Context


@pytest.fixture
def git(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "git") as server:
        yield server


class Followed:
    """A person's project that follows the repository `app`."""

    def __init__(self, person: Any, project: dict[str, Any], context: Context) -> None:
        self.person = person
        self.id = UUID(project["id"])
        self.path = f"/api/v1/projects/{self.id}"
        self.hook = project["hook"]["url"]
        self._context = context

    async def check(self) -> dict[str, Any]:
        answer = await self.person.browser.post(f"{self.path}/check")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def shown(self) -> dict[str, Any]:
        return dict((await self.person.browser.get(self.path)).json())

    async def deployments(self) -> list[tuple[int, str, str | None]]:
        """Number, cause and commit of each deployment, oldest first."""
        async with self._context.db.read() as session:
            query = select(Deployment).where(Deployment.project_id == self.id).order_by(Deployment.number)
            return [(row.number, row.cause.value, row.commit) for row in (await session.execute(query)).scalars()]

    async def begins(self) -> None:
        """Let a worker begin the queued deployment."""
        async with self._context.db.transaction() as session:
            query = select(Deployment).where(Deployment.project_id == self.id, Deployment.status == "queued")
            row = (await session.execute(query)).scalar_one()
            move_to(row, DeploymentStatus.building, now=self._context.clock.now())

    async def built(self, commit: str, *, failed: bool = False, subject: str | None = None) -> None:
        """Let the newest deployment have read this commit, and go live or fail."""
        async with self._context.db.transaction() as session:
            query = select(Deployment).where(Deployment.project_id == self.id).order_by(Deployment.number.desc())
            row = (await session.execute(query)).scalars().first()
            assert row is not None
            now = self._context.clock.now()
            if failed:
                move_to(row, DeploymentStatus.failed, now=now, reason=DeploymentReason.branch_gone, detail="gone")
                return
            row.commit, row.subject = commit, subject
            before = (
                await session.execute(
                    select(Deployment).where(
                        Deployment.project_id == self.id, Deployment.status == DeploymentStatus.live
                    )
                )
            ).scalar_one_or_none()
            if before is not None:
                move_to(before, DeploymentStatus.replaced, now=now)
                await session.flush()
            for status in (DeploymentStatus.starting, DeploymentStatus.verifying, DeploymentStatus.live):
                move_to(row, status, now=now)


Follow = Callable[..., Awaitable[Followed]]


@pytest.fixture
def follow(people: Callable[..., Awaitable[Any]], git: GitServer, context: Context) -> Follow:
    """Make a repository `app` with one commit and a project that follows it."""

    async def make(*, deploy: bool = True, files: dict[str, str] | None = None, empty: bool = False) -> Followed:
        url = git.repository("app", None if empty else files or {"Containerfile": "FROM scratch"})
        person = await people()
        made = await person.browser.post(
            "/api/v1/projects", json={"name": "app", "source": {"url": url}, "deploy": deploy}
        )
        assert made.status_code == 201, made.text
        return Followed(person, made.json(), context)

    return make
