"""What an action logs names its instance, without the action saying so."""

from typing import Any

import pytest
import structlog

from wisehosting_agent import loop
from wisehosting_agent.errors import AgentError
from wisehosting_agent.loop import Reconciler

pytestmark = pytest.mark.anyio


class Step:
    instance = "i-1"
    begins = ends = False

    async def run(self, hands: Any) -> None:
        structlog.get_logger("deep inside").info("created")
        raise AgentError("Podman refused it")

    def __str__(self) -> str:
        return "create"


async def test_every_line_of_an_instances_chain_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []

    def keep(_: Any, __: str, event: Any) -> Any:
        lines.append((event["event"], event.get("instance")))
        raise structlog.DropEvent

    monkeypatch.setattr(loop, "_log", structlog.get_logger("loop"))
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    try:
        await Reconciler(object(), may_begin=lambda: True)._chain("i-1", [Step()])  # type: ignore[arg-type]
        structlog.get_logger("elsewhere").info("afterwards")
    finally:
        structlog.reset_defaults()
    assert lines == [("action", "i-1"), ("created", "i-1"), ("action_failed", "i-1"), ("afterwards", None)]
