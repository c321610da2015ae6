"""The log of the control plane: all that happened to a deployment is found by its id, the request that began it too."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog

from wisehosting_cp.deployments import applier
from wisehosting_cp.deployments.reconciler import Reconciler
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.logging import configure

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


class Stage:
    """Two projects of one person, and the lines they cause."""

    def __init__(self, context: Context, person: Any, capsys: pytest.CaptureFixture[str]) -> None:
        async def edge(_: UUID) -> str:
            raise AssertionError("nothing is verified here")

        self.person, self._capsys = person, capsys
        self.reconciler = Reconciler(context, edge)

    async def deploy(self, name: str) -> tuple[str, str, UUID]:
        """Start a first deployment; return its id, the request's id and the environment's."""
        source = {"url": f"https://example.org/{name}.git"}
        body = {"name": name, "source": source, "deploy": False}
        made = (await self.person.browser.post("/api/v1/projects", json=body)).json()
        started = await self.person.browser.post(f"/api/v1/projects/{made['id']}/deployments", json={})
        assert started.status_code == 202, started.text
        return started.json()["id"], started.headers["x-request-id"], UUID(made["environments"][0]["id"])

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._capsys.readouterr().err.splitlines()]


@pytest.fixture
async def stage(context: Context, people: People, capsys: pytest.CaptureFixture[str]) -> Stage:
    return Stage(context, await people(), capsys)


async def test_the_lines_of_one_deployment_are_found_by_its_id_and_lead_to_the_request(stage: Stage) -> None:
    configure("json")
    deployment, request, environment = await stage.deploy("shop")
    other, _, elsewhere = await stage.deploy("blog")
    done = await stage.reconciler.reconcile(environment)
    assert done
    assert await stage.reconciler.reconcile(elsewhere)
    lines = stage.lines()
    found = [line for line in lines if line.get("deployment_id") == deployment]
    assert [line["event"] for line in found] == ["deployment queued", *["reconcile"] * len(done)]
    assert found[0]["request_id"] == request
    assert (found[0]["project"], found[0]["number"], found[0]["cause"]) == ("shop", 1, "first")
    assert [line["action"] for line in found[1:]] == done
    assert {line["environment"] for line in found[1:]} == {str(environment)}
    assert {line["deployment_id"] for line in lines if "deployment_id" in line} == {deployment, other}


async def test_an_action_that_breaks_names_its_deployment(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    configure("json")
    deployment, _, environment = await stage.deploy("shop")

    async def broken(_: Any, step: Any) -> None:
        structlog.get_logger("deep inside").info("trying")
        raise RuntimeError(f"cannot {step}")

    monkeypatch.setattr(applier, "apply", broken)
    stage.lines()
    with pytest.raises(RuntimeError, match="cannot"):
        await stage.reconciler.reconcile(environment)
    assert [(line["event"], line["deployment_id"]) for line in stage.lines()] == [
        ("trying", deployment),
        ("cannot reconcile", deployment),
    ]
