"""Texts that try to be obeyed, as hosts and names of a table, on a real HAProxy beside an app that must not notice."""

import sys
from typing import Any

import pytest
import tripwires
from injections import PAYLOADS

from wisehosting_agent.ingress.state import parse_map
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer

pytestmark = pytest.mark.anyio
KEPT, OTHER = "kept.localhost", ["other.localhost"]


def _tables(text: str, port: int) -> dict[str, RouteApp]:
    """An app with the text in each of its fields in turn."""
    server = RouteServer(instance="i1", address="127.0.0.1", port=port)
    deployment = RouteDeployment(deployment="d9", number=9, servers=[server])
    plain = RouteApp(app="other", hosts=OTHER, live="d9", deployments=[deployment])

    def served_by(**fields: Any) -> RouteApp:
        return RouteApp(
            app="other", hosts=plain.hosts, live=fields.pop("live", "d9"), deployments=[RouteDeployment(**fields)]
        )

    told = {"deployment": "d9", "number": 9}
    return {
        "host": RouteApp(app="other", hosts=[text], live="d9", deployments=[deployment]),
        "app": RouteApp(app=text, hosts=plain.hosts, live="d9", deployments=[deployment]),
        "deployment": served_by(live=text, deployment=text, number=9, servers=[server]),
        "instance": served_by(**told, servers=[RouteServer(instance=text, address="127.0.0.1", port=port)]),
        "address": served_by(**told, servers=[RouteServer(instance="i1", address=text, port=port)]),
    }


async def test_no_text_of_a_table_is_a_command_of_the_ingress(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    kept = rig.app("kept", "d1", rig.deployment("d1", 1, one), hosts=[KEPT])
    taken = {"in force": 0, "refused": 0}
    with tripwires.laid() as wires:
        for text in PAYLOADS.values():
            for field, app in _tables(text, two.port).items():
                applied = await ingress.apply([kept, app])
                taken["refused" if applied.refused else "in force"] += 1
                seen = await ingress.runtime.observe()
                added = [host for host, _ in seen.hosts if host != KEPT]
                assert added in ([], list(app.hosts), OTHER), (field, text)  # refused, it stays as it was
                assert set(dict(seen.backends)) <= {"kept", app.app}, (field, text)
                on_disk = parse_map((rig.folder / "maps" / "hosts.map").read_text())
                assert sorted(on_disk.items()) == sorted(seen.hosts), (field, text)
            assert wires.tripped() == [], text
        answer = await rig.get(KEPT)
    assert (answer.status, answer.deployment, answer.body) == (200, "1", "one")
    assert (await ingress.apply([kept])).refused == {}
    assert min(taken.values()) > 0
    sys.stdout.write(f"  injected: {len(PAYLOADS)} texts in 5 fields of a table: {taken}\n")
