"""A sample of table sequences on a real HAProxy: it holds what it should, and so do the files."""

import asyncio
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingresstables import differences, tables

from wisehosting_agent.ingress import parse
from wisehosting_agent.ingress.leases import picture
from wisehosting_agent.ingress.state import parse_map
from wisehosting_wire.routes import routes_digest
from wisehosting_wire.workload import RouteApp

pytestmark = pytest.mark.anyio
INSTANCES_PORT = 18499
COUNT = {"tables": 0, "commands": 0}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(tables(port=INSTANCES_PORT), min_size=2, max_size=4))
async def test_any_table_after_any_other_is_in_force_on_haproxy_and_on_disk(
    rig: Any, sequence: list[list[RouteApp]]
) -> None:
    ingress = rig.drivers[0] if rig.drivers else await rig.ingress(repair_seconds=600, pool_backends=16)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "0.0.0.0", INSTANCES_PORT)
    async with server:
        for table in sequence:
            applied = await ingress.apply(table)
            assert applied.digest == routes_digest(table)
            seen = await ingress.runtime.observe()
            wanted = picture(ingress._book, ingress._apps)
            assert differences(seen, wanted) == []
            assert parse_map((rig.folder / "maps" / "hosts.map").read_text()) == wanted.hosts
            assert parse_map((rig.folder / "maps" / "be.map").read_text()) == wanted.backends
            on_disk = parse.slot_states((rig.folder / "servers.state").read_text(), {})
            assert set(on_disk) == set(wanted.slots)
            issued = ingress.runtime.issued
            again = await ingress.apply(table)
            assert again == applied
            live = {app.app: app.live for app in ingress._apps}
            for app in table:
                assert live[app.app] == app.live or app.app in applied.refused
            await ingress.repair()
            COUNT["tables"] += 1
            COUNT["commands"] += ingress.runtime.issued - issued


@pytest.fixture(autouse=True)
def says_how_many() -> Any:
    yield
    sys.stdout.write(f"{COUNT['tables']} tables in force\n")
    assert COUNT["tables"] > 40
