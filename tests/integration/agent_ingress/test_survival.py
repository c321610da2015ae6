"""What survives: worker and master killed, the agent restarted, HAProxy meddled with, instances dead, files lost."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from wisehosting_agent.errors import ConfigurationError, IngressError
from wisehosting_agent.ingress.commands import add_map, set_address, set_map, set_state
from wisehosting_agent.ingress.haproxy import HaproxyIngress
from wisehosting_agent.ingress.leases import picture
from wisehosting_agent.ingress.model import SlotName, SlotState
from wisehosting_agent.ingress.state import Stored, map_text, servers_text

pytestmark = pytest.mark.anyio


async def worker_pid(ingress: Any) -> int:
    return int((await ingress.runtime.information())["Pid"])


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def back(ingress: Any, old: int) -> int:
    for _ in range(500):
        try:
            now = await worker_pid(ingress)
        except IngressError:
            now = old
        if now != old:
            return now
        await asyncio.sleep(0.02)
    pytest.fail("HAProxy did not come back")


@pytest.mark.parametrize("victim", ["worker", "master"])
async def test_a_killed_haproxy_comes_back_with_its_routes_and_no_replay(rig: Any, victim: str) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 9, one)), rig.app("b", None)])
    issued, worker = ingress.runtime.issued, await worker_pid(ingress)
    os.kill(worker if victim == "worker" else ingress.pid, signal.SIGKILL)
    await back(ingress, worker)
    answer = await rig.get("a.localhost")
    assert (answer.status, answer.deployment, answer.body) == (200, "9", "one")
    assert (await rig.get("b.localhost")).status == 503
    await ingress.repair()
    assert ingress.runtime.issued == issued


async def test_a_slot_that_drains_is_still_checked_and_drains_after_a_crash(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    deployment = rig.deployment("d1", 1, one, two)
    servers = [
        server.__class__(**{**_fields(server), "ready": server.instance == "two"}) for server in deployment.servers
    ]
    deployment = deployment.__class__(deployment="d1", number=1, servers=servers)
    await ingress.apply([rig.app("a", "d1", deployment)])
    issued, worker = ingress.runtime.issued, await worker_pid(ingress)
    assert {(await rig.get("a.localhost")).body for _ in range(6)} == {"two"}
    os.kill(worker, signal.SIGKILL)
    await back(ingress, worker)
    assert {(await rig.get("a.localhost")).body for _ in range(6)} == {"two"}
    await ingress.repair()
    assert ingress.runtime.issued == issued


def _fields(server: Any) -> dict[str, Any]:
    return {name: getattr(server, name) for name in server.__struct_fields__}


async def test_a_restarted_agent_adopts_the_running_haproxy(rig: Any) -> None:
    first = await rig.ingress()
    one = await rig.instance("one")
    table = [rig.app("a", "d1", rig.deployment("d1", 1, one))]
    await first.apply(table)
    master, worker = first.pid, await worker_pid(first)
    await first.leave()
    second = await rig.ingress()
    assert (second.pid, await worker_pid(second)) == (master, worker)
    assert second.runtime.issued == 0
    assert (await second.apply(table)).refused == {}
    assert second.runtime.issued == 0
    os.kill(worker, signal.SIGKILL)
    await back(second, worker)
    assert (await rig.get("a.localhost")).body == "one"


async def test_haproxy_started_with_an_old_table_is_complete_from_its_files_alone(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one, two), hosts=["a.localhost", "x.example"])])
    await ingress.stop()
    again = await rig.ingress()
    assert again.runtime.issued == 0
    assert {(await rig.get("x.example")).body for _ in range(4)} == {"one", "two"}


async def test_the_files_after_a_crash_equal_what_is_wanted(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", old)])
    await ingress.apply([rig.app("a", "d2", old, new)])
    os.kill(await worker_pid(ingress), signal.SIGKILL)
    stored: Stored = ingress._files.load()
    wanted = picture(stored.book, stored.apps)
    assert wanted.backends == {"a": "p0002"}
    maps = rig.folder / "maps"
    assert (maps / "hosts.map").read_text() == map_text(wanted.hosts)
    assert (maps / "be.map").read_text() == map_text(wanted.backends)
    assert (maps / "rel.map").read_text() == map_text(wanted.numbers)
    assert (rig.folder / "servers.state").read_text() == servers_text(wanted.slots)


async def test_what_somebody_changed_by_hand_is_repaired(rig: Any) -> None:
    ingress = await rig.ingress(repair_seconds=60)
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply(
        [rig.app("a", "d1", rig.deployment("d1", 1, one)), rig.app("b", "d2", rig.deployment("d2", 2, two))]
    )
    maps = ingress._files.maps
    slot = SlotName("p0001", "s1")
    await ingress.runtime.order(
        [
            set_map(maps.hosts, "a.localhost", "b"),
            add_map(maps.hosts, "b.localhost", "a"),
            add_map(maps.hosts, "evil.localhost", "a"),
            set_map(maps.numbers, "p0002", "77"),
            set_state(slot, SlotState.maint),
            set_address(slot, "127.0.0.1", 9),
            set_state(SlotName("p0003", "s1"), SlotState.ready),
        ]
    )
    assert (await rig.get("evil.localhost")).status != 404
    await ingress.repair()
    a, b = await rig.get("a.localhost"), await rig.get("b.localhost")
    assert (a.body, a.deployment, b.body, b.deployment) == ("one", "1", "two", "2")
    assert (await rig.get("evil.localhost")).status == 404
    issued = ingress.runtime.issued
    await ingress.repair()
    assert ingress.runtime.issued == issued


async def test_a_dead_instance_leaves_the_rotation_by_itself_and_a_living_one_returns(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one, two))])
    issued, port = ingress.runtime.issued, one.port
    await one.kill()
    answers = [await rig.get("a.localhost") for _ in range(20)]
    assert {(answer.status, answer.body) for answer in answers} == {(200, "two")}

    async def up() -> bool:
        return (await ingress.runtime.observe()).slots[SlotName("p0001", "s1")].up

    await _until(up, wanted=False)
    await one.start(port)
    await _until(up, wanted=True)
    assert {(await rig.get("a.localhost")).body for _ in range(6)} == {"one", "two"}
    assert ingress.runtime.issued == issued


async def _until(condition: Any, *, wanted: bool) -> None:
    for _ in range(200):
        if await condition() is wanted:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the slot did not change")


async def test_a_larger_pool_is_a_reload_that_keeps_open_requests(rig: Any) -> None:
    ingress = await rig.ingress(pool_backends=1)
    one, two = await rig.instance("one"), await rig.instance("two")
    table = [rig.app("a", "d1", rig.deployment("d1", 1, one)), rig.app("b", "d2", rig.deployment("d2", 2, two))]
    assert (await ingress.apply(table)).refused == {"b": "pool_empty"}
    slow = rig.client()
    await slow.send(b"GET /slow HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
    await rig.until(lambda: "GET /slow" in one.requests, "the slow request")
    master, worker = ingress.pid, await worker_pid(ingress)
    await ingress.leave()
    larger = await rig.ingress(pool_backends=8)
    assert larger.pid == master
    assert await worker_pid(larger) != worker
    assert (await larger.apply(table)).refused == {}
    assert (await rig.get("a.localhost")).body == "one"
    assert (await rig.get("b.localhost")).deployment == "2"
    draining = [rig.app("a", None, rig.deployment("d1", 1, one, draining=True)), table[1]]
    await larger.apply(draining)
    assert await larger.drained() == [], "the old worker still holds a request"
    one.release.set()
    assert (await slow.answer()).body == "helloworld"
    slow.close()
    await rig.until(lambda: len(larger._process.workers()) == 1, "the end of the old worker")
    assert [drained.deployment for drained in await larger.drained()] == ["d1"]


async def test_a_taken_port_is_refused_with_what_to_do(rig: Any) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", rig.port)
    async with server:
        with pytest.raises(IngressError, match=r"the port is taken. Free it"):
            await rig.ingress()


async def test_a_second_platform_on_the_port_of_another_haproxy_is_refused(rig: Any) -> None:
    await rig.ingress()
    other = HaproxyIngress(rig.settings.model_copy(update={"state_dir": rig.folder / "other"}))
    with pytest.raises(IngressError, match="the port is taken"):
        await other.start()
    assert other.pid is None


async def test_a_state_folder_too_long_for_a_socket_is_refused(rig: Any) -> None:
    with pytest.raises(ConfigurationError, match="at most"):
        await rig.ingress(state_dir=rig.folder / ("x" * 100))


async def test_an_unreadable_book_is_refused_with_what_to_do(rig: Any) -> None:
    ingress = await rig.ingress()
    await ingress.stop()
    (rig.folder / "routes.json").write_text("{")
    with pytest.raises(IngressError, match="Move the file away"):
        await rig.ingress()


async def test_haproxy_runs_without_environment_and_its_files_are_ours_alone(rig: Any) -> None:
    ingress = await rig.ingress()
    names = {line.partition("=")[0] for line in (await ingress.runtime.ask("show env")).split()}
    assert {name for name in names if name and not name.startswith("HAPROXY_")} == set()
    socket = rig.folder / "admin.sock"
    assert socket.stat().st_mode & 0o777 == 0o600
    assert rig.folder.stat().st_mode & 0o777 == 0o700


async def test_stop_ends_every_process_and_a_second_stop_changes_nothing(rig: Any) -> None:
    ingress = await rig.ingress()
    pids = {ingress.pid, *ingress._process.workers()}
    assert len(pids) == 2
    await ingress.stop()
    assert not [pid for pid in pids if alive(pid)]
    await ingress.stop()
