"""What a container has and has not, on real Podman: seen from the kernel, from inside, and by the check before traffic."""

import asyncio
import errno
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from podmachine import TEAM, Machine

from wisehosting_agent.errors import IsolationBroken, RuntimeRefused
from wisehosting_agent.hands import Hands
from wisehosting_agent.link import Link
from wisehosting_agent.loop import Reconciler
from wisehosting_agent.runtime import proc, profile
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerSpec, ContainerState, ObservedContainer
from wisehosting_agent.store import desired, mail
from wisehosting_agent.store.database import Database
from wisehosting_agent.store.vault import Variables
from wisehosting_agent.telemetry.ship import Shipper
from wisehosting_wire.codec import from_agent_decoder
from wisehosting_wire.messages import DesiredState, InstanceObserved
from wisehosting_wire.workload import EnvironmentRef, Health, InstanceStatus, Limits, Wanted, Workload

pytestmark = pytest.mark.anyio

MEMORY, PIDS = 96 * 1024**2, 24
SLEEP = "import time; time.sleep(600)"
CHOWN = 1 << 0

TRIES = """
import ctypes, errno, json, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
numbers = {'x86_64': (250, 321, 435), 'aarch64': (219, 280, 435)}[os.uname().machine]
LIMITS = ['/sys/fs/cgroup/' + name for name in ('memory.max', 'memory/memory.limit_in_bytes', 'pids/pids.max')]
def called(function, *arguments):
    ctypes.set_errno(0)
    return 0 if function(*arguments) >= 0 else ctypes.get_errno()
def tried(function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        return error.errno
    return 0
def forks():
    made = []
    try:
        for _ in range(200):
            child = os.fork()
            if child == 0:
                time.sleep(600)
            made.append(child)
    except OSError as error:
        return error.errno, len(made)
    finally:
        for child in made:
            os.kill(child, 9)
            os.waitpid(child, 0)
    return 0, len(made)
found = {
    'new user namespace': called(libc.unshare, 0x10000000),
    'new mount namespace': called(libc.unshare, 0x00020000),
    'mount': called(libc.mount, b'none', b'/tmp', b'tmpfs', 0, None),
    'unmount': called(libc.umount2, b'/tmp', 2),
    'trace': called(libc.ptrace, 0, 0, 0, 0),
    'keyring': called(libc.syscall, numbers[0], 0, -3, 1),
    'kernel program': called(libc.syscall, numbers[1], 0, 0, 0),
    'io_uring': called(libc.syscall, 425, 8, ctypes.create_string_buffer(120)),
    'clone3': called(libc.syscall, numbers[2], 0, 0),
    'other root': tried(os.chroot, '/tmp'),
    'device': tried(os.mknod, '/tmp/null', 0o20666, os.makedev(1, 3)),
    'owner': tried(os.chown, '/tmp', 33, 33),
    'user': tried(os.setuid, 33),
    'host name': tried(socket.sethostname, 'other'),
    'packets': tried(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
    'write root': tried(open, '/owned', 'w'),
    'write /etc': tried(open, '/etc/passwd', 'a'),
    'write cgroup': [tried(open, path, 'r+') for path in LIMITS],
    'write kernel setting': tried(open, '/proc/sys/kernel/core_pattern', 'w'),
    'write /tmp': tried(open, '/tmp/mine', 'w'),
    'write /dev/shm': tried(open, '/dev/shm/mine', 'w'),
    'forks': forks(),
    'processes': sorted(name for name in os.listdir('/proc') if name.isdigit()),
    'sockets of the host': [path for path in ('/run/podman/podman.sock', '/var/run/docker.sock') if os.path.exists(path)],
}
with open('/tmp/.found', 'w') as file:
    json.dump(found, file)
os.rename('/tmp/.found', '/tmp/found')
time.sleep(600)
"""


def workload(machine: Machine, name: str, code: str = SLEEP, *, environment: int = 1, **changes: Any) -> Workload:
    fields: dict[str, Any] = {
        "instance": f"{name}-00000000",
        "environment": EnvironmentRef(id=f"env-{environment}", team=TEAM, project="isolation", number=environment),
        "process": "worker",
        "wanted": Wanted.running,
        "image": machine.image,
        "command": ["python3", "-c", code],
        "variables_version": 1,
        "health": Health(settle_seconds=0.2),
        "limits": Limits(memory_bytes=MEMORY, pids=PIDS),
        "stop_seconds": 0,
    }
    return Workload(**{**fields, **changes})


@dataclass
class Running:
    workload: Workload
    container: str
    pid: int


async def start(runtime: PodmanRuntime, wanted: Workload) -> Running:
    container = await runtime.create(ContainerSpec(workload=wanted, env={}, host_port=None))
    return await started(runtime, wanted, container)


async def started(runtime: PodmanRuntime, wanted: Workload, container: str) -> Running:
    """Start and wait for the program itself: until it is executed, the process is the runtime's, without a filter yet."""
    await runtime.start(container)
    pid = (await observed(runtime, container)).pid
    async with asyncio.timeout(20):
        while proc.alive(pid) and proc.command_line(pid) != wanted.command:
            await asyncio.sleep(0.01)
    return Running(wanted, container, pid)


async def observed(runtime: PodmanRuntime, container: str) -> ObservedContainer:
    (found,) = [one for one in await runtime.containers() if one.container == container]
    return found


@pytest.fixture(scope="module")
async def good(runtime: PodmanRuntime, machine: Machine) -> AsyncIterator[Running]:
    running = await start(runtime, workload(machine, "good", TRIES))
    yield running
    await runtime.remove(running.container)


async def test_a_container_as_it_was_ordered_passes(runtime: PodmanRuntime, good: Running) -> None:
    await runtime.verify(good.container, good.workload)
    await runtime.verify(good.container, good.workload)


async def test_the_kernel_holds_ids_rights_and_limits_of_a_container(machine: Machine, good: Running) -> None:
    first, size = machine.host.id_map(1)
    assert first >= machine.settings.id_base
    assert proc.id_map(good.pid, "uid_map") == proc.id_map(good.pid, "gid_map") == [(0, first, size)]
    status = proc.status(good.pid)
    assert (status.effective, status.permitted, status.bounding, status.ambient) == (0, 0, 0, 0)
    assert (status.no_new_privileges, status.seccomp) == (True, 2)
    limits = proc.cgroup_limits(good.pid)
    assert (limits.memory, limits.pids) == (MEMORY, PIDS)
    for kind in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
        assert proc.namespace(good.pid, kind) != proc.namespace("self", kind), kind
    root = next(mount for mount in proc.mounts(good.pid) if mount.path == "/")
    assert "ro" in root.options


async def test_no_folder_of_the_host_is_mounted(machine: Machine, good: Running) -> None:
    rows = [line.split() for line in Path(f"/proc/{good.pid}/mountinfo").read_text().splitlines()]
    from_disk = {row[4]: row[3] for row in rows if row[row.index("-") + 1] in {"ext4", "xfs", "btrfs"}}
    assert set(from_disk) <= {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv"}
    assert all(good.container in source for source in from_disk.values()), from_disk


async def test_from_inside_the_kernel_refuses_what_would_lead_out(good: Running) -> None:
    result = Path(f"/proc/{good.pid}/root/tmp/found")
    async with asyncio.timeout(20):
        while not result.exists():
            await asyncio.sleep(0.05)
    found = json.loads(result.read_text())
    refused, count = found.pop("forks")
    assert (refused, 0 < count < PIDS) == (errno.EAGAIN, True), count
    assert found.pop("processes") == ["1"]
    assert found.pop("sockets of the host") == []
    assert found.pop("packets") in {errno.EPERM, errno.EAFNOSUPPORT}
    assert set(found.pop("write cgroup")) <= {errno.EROFS, errno.EACCES, errno.ENOENT}
    assert found.pop("write kernel setting") in {errno.EROFS, errno.EACCES}
    works = {name for name, number in found.items() if number == 0}
    assert works == {"write /tmp", "write /dev/shm"}
    assert (found.pop("write root"), found.pop("write /etc")) == (errno.EROFS, errno.EROFS)
    assert found.pop("clone3") == errno.ENOSYS
    assert {name: number for name, number in found.items() if number and number != errno.EPERM} == {}


DIFFERENCES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "other limits": (
        {"limits": Limits(memory_bytes=MEMORY // 2, pids=PIDS + 1, cpu_shares=256, nofile=64)},
        [
            f"memory limit is {MEMORY}, wanted {MEMORY // 2} bytes",
            f"process limit is {PIDS}, wanted {PIDS + 1}",
            "wanted 256 shares",
            "max open files is 4096, wanted 64",
        ],
    ),
    "other capabilities": ({"capabilities": ["CHOWN"]}, ["capability bounding set is 0x0, wanted 0x1"]),
    "another environment": (
        {"environment": 2},
        ["uid_map is [(0, ", "gid_map is [(0, ", "wanted ids from ", "networks are ['wh46-e1'], wanted wh46-e2"],
    ),
}


@pytest.mark.parametrize(("changes", "sentences"), DIFFERENCES.values(), ids=DIFFERENCES)
async def test_a_container_that_is_other_than_ordered_is_found_out_in_each_respect(
    runtime: PodmanRuntime, machine: Machine, good: Running, changes: dict[str, Any], sentences: list[str]
) -> None:
    with pytest.raises(IsolationBroken, match="gets no traffic") as broken:
        await runtime.verify(good.container, workload(machine, "good", **changes))
    assert [sentence for sentence in sentences if sentence not in str(broken.value)] == []


async def test_a_container_has_the_capabilities_that_were_asked_for_and_no_others(
    runtime: PodmanRuntime, machine: Machine
) -> None:
    asked = await start(runtime, workload(machine, "capable", capabilities=["CHOWN"]))
    await runtime.verify(asked.container, asked.workload)
    status = proc.status(asked.pid)
    assert (status.effective, status.permitted, status.bounding) == (CHOWN, CHOWN, CHOWN)
    with pytest.raises(IsolationBroken) as broken:
        await runtime.verify(asked.container, workload(machine, "capable"))
    for kind in ("bounding set is", "effective capabilities are", "permitted capabilities are"):
        assert f"{kind} 0x1, wanted" in str(broken.value)
    await runtime.remove(asked.container)


async def test_a_container_made_without_the_profile_is_found_out_in_each_respect(
    runtime: PodmanRuntime, machine: Machine, good: Running
) -> None:
    """As if Podman had left out what it was told: real root, all rights, a folder of the host."""
    wanted = workload(machine, "bare")
    whole = profile.create_body(machine.host, ContainerSpec(workload=wanted, env={}, host_port=None))
    bare = msgspec.structs.replace(
        whole,
        idmappings=profile.IdMappings(uids=[], gids=[]),
        userns=profile.Namespace(nsmode="host"),
        pidns=profile.Namespace(nsmode="host"),
        cap_drop=[],
        no_new_privileges=False,
        seccomp_profile_path="unconfined",
        read_only_filesystem=False,
        mounts=[profile.Mount(destination="/host", type="bind", source="/etc", options=["ro", "rbind"])],
    )
    created = await runtime.client.post("containers/create", bare, profile.Created, verb="create a bare container")
    running = await started(runtime, wanted, created.container)
    try:
        with pytest.raises(IsolationBroken) as broken:
            await runtime.verify(running.container, wanted)
        for sentence in (
            "uid_map is [(0, 0, 4294967295)]",
            "gid_map is [(0, 0, 4294967295)]",
            "user namespace is the host's",
            "pid namespace is the host's",
            "capability bounding set is",
            "effective capabilities are",
            "new privileges can be gained",
            "seccomp mode is 0",
            "the root file system is writable",
            "/host (",
        ):
            assert sentence in str(broken.value)
    finally:
        await runtime.remove(running.container)


async def test_a_container_that_has_ended_is_not_called_broken(runtime: PodmanRuntime, machine: Machine) -> None:
    brief = await start(runtime, workload(machine, "brief", "pass"))
    async with asyncio.timeout(10):
        while (await observed(runtime, brief.container)).state != ContainerState.exited:
            await asyncio.sleep(0.05)
    with pytest.raises(RuntimeRefused, match="ended before it could be verified"):
        await runtime.verify(brief.container, brief.workload)
    await runtime.remove(brief.container)


class NoVariables:
    async def need(self, environment: str, version: int) -> Variables:
        return Variables(run={}, build={})


async def test_a_container_that_is_not_isolated_is_stopped_and_reported_and_never_ready(
    runtime: PodmanRuntime, machine: Machine, tmp_path: Path
) -> None:
    """The instance's container is there already, with twice the memory that is wanted: creating it again finds it."""
    roomy = workload(machine, "roomy", limits=Limits(memory_bytes=2 * MEMORY, pids=PIDS))
    container = await runtime.create(ContainerSpec(workload=roomy, env={}, host_port=None))
    store = Database(tmp_path / "agent.db")
    await store.open()
    shipper = Shipper(store, Link(), folder=tmp_path / "logs")
    ports = machine.settings.port_range
    hands = Hands(runtime, store, NoVariables(), shipper, address="127.0.0.1", port_range=ports)
    reconciler = Reconciler(hands, may_begin=lambda: True)
    state = DesiredState(cp_epoch=1, generation=1, workloads=[workload(machine, "roomy")], tombstones=[])
    await store.run(lambda tx: desired.put(tx, state))

    async def reports() -> list[InstanceObserved]:
        bodies = [body for _, body in await store.run(lambda tx: mail.waiting(tx, 0, 100))]
        said = [from_agent_decoder.decode(body) for body in bodies]
        return [one for one in said if isinstance(one, InstanceObserved)]

    task = asyncio.create_task(reconciler.run())
    try:
        async with asyncio.timeout(20):
            while not any(one.reason for one in await reports()):
                assert not task.done(), task.result()
                await asyncio.sleep(0.05)
        failed = next(one for one in await reports() if one.reason)
        assert (failed.status, failed.reason) == (InstanceStatus.exited, "isolation_broken")
        assert f"memory limit is {2 * MEMORY}, wanted {MEMORY} bytes" in failed.detail
        assert "tell the operator" in failed.detail
        assert (await observed(runtime, container)).state == ContainerState.exited
        assert InstanceStatus.ready not in {one.status for one in await reports()}
        assert time.time() - failed.at < 20
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await runtime.remove(container)
        await store.close()
