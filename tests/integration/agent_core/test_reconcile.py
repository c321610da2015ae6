"""The reconcile loop on real Podman: what runs becomes what is wanted, whatever happened meanwhile."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from podmachine import SERVE, TEAM, Machine, scratch, started

from wisehosting_agent.hands import Hands
from wisehosting_agent.link import Link
from wisehosting_agent.loop import Reconciler
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.store import desired, instances, mail
from wisehosting_agent.store.database import Database
from wisehosting_agent.store.vault import Variables
from wisehosting_agent.telemetry.ship import Shipper
from wisehosting_agent.watch import Watch
from wisehosting_wire.codec import from_agent_decoder
from wisehosting_wire.messages import DesiredState, InstanceObserved
from wisehosting_wire.workload import EnvironmentRef, Health, InstanceStatus, Limits, Tombstone, Wanted, Workload

pytestmark = pytest.mark.anyio

ENVIRONMENT = EnvironmentRef(id="env-core", team=TEAM, project="core", number=3)


@pytest.fixture(scope="module")
async def machine() -> AsyncIterator[Machine]:
    with scratch("wh-test-reconcile-") as folder:
        async with started(folder, 43) as machine:
            yield machine


class KnownVariables:
    async def need(self, environment: str, version: int) -> Variables:
        return Variables(run={"GREETING": "line one\nline 'two' ü"}, build={})


class Rig:
    """A reconciler over a store of its own."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.runtime = PodmanRuntime(machine.host)
        self.store = Database(folder / "agent.db")
        self.shipper = Shipper(self.store, Link(), folder=folder / "logs")
        self.hands = Hands(
            self.runtime,
            self.store,
            KnownVariables(),
            self.shipper,
            address="127.0.0.1",
            port_range=machine.settings.port_range,
        )
        self.begin = True
        self.reconciler = Reconciler(self.hands, may_begin=lambda: self.begin)
        self.watch = Watch(self.hands)
        self.generation = 0
        self._read = 0

    def workload(self, name: str, code: str = SERVE, **changes: Any) -> Workload:
        fields: dict[str, Any] = {
            "instance": f"{name}-{self.machine.settings.state_dir.parent.name[-6:]}",
            "environment": ENVIRONMENT,
            "process": "web",
            "wanted": Wanted.running,
            "image": self.machine.image,
            "command": ["python3", "-c", code],
            "variables_version": 1,
            "port": 8080,
            "health": Health(within_seconds=20, settle_seconds=0.5),
            "limits": Limits(memory_bytes=64 * 1024 * 1024),
            "stop_seconds": 1,
        }
        return Workload(**{**fields, **changes})

    async def want(self, *workloads: Workload, gone: tuple[str, ...] = ()) -> None:
        self.generation += 1
        state = DesiredState(
            cp_epoch=1,
            generation=self.generation,
            workloads=list(workloads),
            tombstones=[Tombstone(instance=name) for name in gone],
        )
        assert await self.store.run(lambda tx: desired.put(tx, state))
        self.reconciler.wake()

    async def reports(self, instance: str) -> list[InstanceObserved]:
        rows = await self.store.run(lambda tx: mail.waiting(tx, 0, 10_000))
        found = [from_agent_decoder.decode(body) for _, body in rows]
        return [one for one in found if isinstance(one, InstanceObserved) and one.instance == instance]

    async def until(
        self, instance: str, condition: Callable[[InstanceObserved], bool], seconds: float = 40
    ) -> InstanceObserved:
        deadline = time.monotonic() + seconds
        while True:
            reports = await self.reports(instance)
            if reports and condition(reports[-1]):
                return reports[-1]
            assert time.monotonic() < deadline, reports
            await asyncio.sleep(0.05)

    async def until_status(self, instance: str, status: InstanceStatus) -> InstanceObserved:
        return await self.until(instance, lambda report: report.status == status)

    async def container(self, instance: str) -> ObservedContainer:
        found = await self.hands.find(instance)
        assert found is not None
        return found


@contextlib.asynccontextmanager
async def reconciling(rig: Rig) -> AsyncIterator[Rig]:
    task = asyncio.create_task(rig.reconciler.run())
    try:
        yield rig
        assert not task.done(), task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def rig(machine: Machine, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(machine, tmp_path)
    await rig.store.open()
    try:
        async with reconciling(rig):
            yield rig
    finally:
        for found in await rig.runtime.containers():
            await rig.runtime.remove(found.container)
        await rig.runtime.close()
        await rig.store.close()


async def get(port: int) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{port}/")).status_code


async def test_a_wanted_instance_answers_and_a_tombstone_removes_it(rig: Rig) -> None:
    web = rig.workload("web")
    await rig.want(web)
    ready = await rig.until_status(web.instance, InstanceStatus.ready)
    assert ready.address == "127.0.0.1"
    assert 24300 <= ready.port <= 24399
    assert ready.seconds > 0
    assert ready.generation == 1
    assert await get(ready.port) == 200
    await rig.want(gone=(web.instance,))
    await rig.until_status(web.instance, InstanceStatus.removed)
    assert await rig.hands.find(web.instance) is None
    assert [one.status for one in await rig.reports(web.instance)] == ["starting", "ready", "stopped", "removed"]
    await rig.want()
    async with asyncio.timeout(10):
        while await rig.store.run(instances.load):
            await asyncio.sleep(0.05)


async def test_what_is_merely_absent_is_kept_and_listed(rig: Rig) -> None:
    web = rig.workload("absent")
    await rig.want(web)
    ready = await rig.until_status(web.instance, InstanceStatus.ready)
    await rig.want()
    async with asyncio.timeout(10):
        while not rig.reconciler.inventory().unknown:
            await asyncio.sleep(0.05)
    assert rig.reconciler.inventory().unknown == [ready.container]
    assert await get(ready.port) == 200


async def test_a_stopped_instance_is_kept_and_starts_again_on_its_port(rig: Rig) -> None:
    web = rig.workload("rest")
    await rig.want(web)
    first = await rig.until_status(web.instance, InstanceStatus.ready)
    await rig.want(rig.workload("rest", wanted=Wanted.stopped))
    await rig.until_status(web.instance, InstanceStatus.stopped)
    assert (await rig.container(web.instance)).state == ContainerState.exited
    await rig.want(web)
    again = await rig.until_status(web.instance, InstanceStatus.ready)
    assert (again.port, again.container, again.restarts) == (first.port, first.container, 0)


async def test_a_killed_app_is_reported_and_starts_again_with_back_off(rig: Rig) -> None:
    web = rig.workload("killed")
    await rig.want(web)
    first = await rig.until_status(web.instance, InstanceStatus.ready)
    os.kill((await rig.container(web.instance)).pid, signal.SIGKILL)
    ended = await rig.until_status(web.instance, InstanceStatus.exited)
    assert ended.reason == ""  # it had been ready: not the deployment's failure
    assert "it is started again" in ended.detail
    again = await rig.until_status(web.instance, InstanceStatus.ready)
    assert (again.port, again.restarts) == (first.port, 1)
    row = (await rig.store.run(instances.load))[web.instance]
    assert row.backoff == 1


async def test_a_container_whose_monitor_died_is_replaced_on_the_same_port(rig: Rig) -> None:
    web = rig.workload("monitor")
    await rig.want(web)
    first = await rig.until_status(web.instance, InstanceStatus.ready)
    pid_file = (await rig.container(web.instance)).log_path
    run_root = rig.machine.host.runtime_run_root
    conmon = int((run_root / "overlay-containers" / first.container / "userdata" / "conmon.pid").read_text())
    assert pid_file is not None
    os.kill(conmon, signal.SIGKILL)
    rig.reconciler.wake()
    again = await rig.until(web.instance, lambda r: r.status == InstanceStatus.ready and r.container != first.container)
    assert again.port == first.port
    assert await get(again.port) == 200


async def test_an_agent_that_was_killed_finds_everything_as_it_is(machine: Machine, tmp_path: Path) -> None:
    rig = Rig(machine, tmp_path)
    await rig.store.open()
    web = rig.workload("survivor")
    try:
        async with reconciling(rig):
            await rig.want(web)
            await rig.until_status(web.instance, InstanceStatus.ready)
        before = await rig.container(web.instance)
        count = len(await rig.reports(web.instance))
        for _ in range(5):
            again = Rig(machine, tmp_path)
            again.store = rig.store
            again.hands.store = rig.store
            async with reconciling(again):
                async with asyncio.timeout(10):
                    while not again.reconciler.observed():
                        await asyncio.sleep(0.01)
                await asyncio.sleep(0.2)
            await again.runtime.close()
        after = await rig.container(web.instance)
        assert (after.container, after.pid) == (before.container, before.pid)
        assert len(await rig.reports(web.instance)) == count
    finally:
        for found in await rig.runtime.containers():
            await rig.runtime.remove(found.container)
        await rig.runtime.close()
        await rig.store.close()


async def test_nothing_begins_while_the_tenant_policy_is_open(rig: Rig) -> None:
    rig.begin = False
    web = rig.workload("waits")
    await rig.want(web)
    async with asyncio.timeout(10):
        while rig.reconciler.inventory().generation != 1:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert await rig.hands.find(web.instance) is None
    rig.begin = True
    rig.reconciler.wake()
    await rig.until_status(web.instance, InstanceStatus.ready)


async def test_a_tombstone_ends_an_instance_that_is_still_starting(rig: Rig) -> None:
    slow = rig.workload("slow", "import time; time.sleep(600)")
    await rig.want(slow)
    await rig.until_status(slow.instance, InstanceStatus.starting)
    began = time.monotonic()
    await rig.want(gone=(slow.instance,))
    await rig.until_status(slow.instance, InstanceStatus.removed)
    assert time.monotonic() - began < 15  # not after the 20 s of its readiness


async def test_a_process_without_a_port_is_ready_once_it_stays(rig: Rig) -> None:
    worker = rig.workload("worker", "import time; time.sleep(600)", port=None, process="worker")
    await rig.want(worker)
    ready = await rig.until_status(worker.instance, InstanceStatus.ready)
    assert (ready.port, ready.address) == (0, "")


async def test_variables_reach_the_app_as_they_are(rig: Rig) -> None:
    code = (
        "import os, sys; assert os.environ['GREETING'] == \"line one\\nline 'two' ü\"; exec(os.environ['X']) if 'X' in os.environ else None; "
        + SERVE
    )
    web = rig.workload("variables", code)
    await rig.want(web)
    await rig.until_status(web.instance, InstanceStatus.ready)


FAILURES = [
    ("crash", "import sys; print('no database', file=sys.stderr); sys.exit(3)", "crashed_at_start", "exit code 3"),
    ("command", None, "no_start_command", "command"),
    ("nothing", "import time; time.sleep(600)", "nothing_listens", "0.0.0.0:$PORT"),
    ("wrong", SERVE.replace("int(os.environ['PORT'])", "9999"), "wrong_port", "set port = 9999"),
    ("loopback", SERVE.replace("0.0.0.0", "127.0.0.1"), "wrong_port", "127.0.0.1:8080 only"),
    (
        "never",
        "import http.server as h\nclass H(h.BaseHTTPRequestHandler):\n  def do_GET(s): s.send_error(503)\nh.HTTPServer(('',8080),H).serve_forever()",
        "never_ready",
        "answered 503",
    ),
    ("memory", "x = b'x' * (400 * 1024 * 1024)", "out_of_memory", "64 MB"),
    ("chown", "import os; os.chown('/tmp', 33, 33)", "needs_capability", '"CHOWN"'),
    ("setuid", "import os; os.setuid(33)", "needs_capability", '"SETGID", "SETUID"'),
    ("readonly", "open('/data', 'w')", "crashed_at_start", "writable = true"),
]


@pytest.mark.parametrize(("name", "code", "reason", "sentence"), FAILURES, ids=[row[0] for row in FAILURES])
async def test_a_failed_start_says_why(rig: Rig, name: str, code: str | None, reason: str, sentence: str) -> None:
    health = Health(within_seconds=2, settle_seconds=0.5)
    command = ["python3", "-c", code] if code is not None else ["does-not-exist"]
    app = rig.workload(name, command=command, health=health)
    await rig.want(app)
    failed = await rig.until(app.instance, lambda report: bool(report.reason))
    assert (failed.reason, sentence in failed.detail) == (reason, True), failed
    assert failed.status == (InstanceStatus.unready if name in {"nothing", "wrong", "loopback", "never"} else "exited")


async def test_a_missing_image_says_so(rig: Rig) -> None:
    app = rig.workload("image", image="ab" * 32)
    await rig.want(app)
    failed = await rig.until(app.instance, lambda report: bool(report.reason))
    assert failed.reason == "image_missing"


async def test_an_app_that_stops_answering_becomes_unready_and_ready_again(rig: Rig) -> None:
    code = (
        "import http.server as h, os, signal\nstate={'code':200}\n"
        "def flip(*_): state['code'] = 500 if state['code'] == 200 else 200\n"
        "signal.signal(signal.SIGUSR1, flip)\n"
        "class H(h.BaseHTTPRequestHandler):\n  def do_GET(s): s.send_response(state['code']); s.end_headers()\n"
        "h.HTTPServer(('',8080),H).serve_forever()"
    )
    web = rig.workload("flips", code)
    await rig.want(web)
    await rig.until_status(web.instance, InstanceStatus.ready)
    found = await rig.container(web.instance)
    os.kill(found.pid, signal.SIGUSR1)
    for _ in range(3):
        await rig.watch.look([found])
    unready = (await rig.reports(web.instance))[-1]
    assert (unready.status, unready.reason) == (InstanceStatus.unready, "")
    assert "status 500" in unready.detail
    os.kill(found.pid, signal.SIGUSR1)
    await rig.watch.look([found])
    assert (await rig.reports(web.instance))[-1].status == InstanceStatus.ready
