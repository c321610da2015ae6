"""From Podman's answers and the kernel's files to what the agent sees."""

from pathlib import Path

from wisehosting_agent.runtime import oom, proc
from wisehosting_agent.runtime.answers import InspectedImage, Listed
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_agent.runtime.profile import ENVIRONMENT, INSTANCE
from wisehosting_wire.facts import ImageFacts

NOT_STARTED = {"created", "configured", "initialized"}
RUNNING = {"running", "paused", "stopping"}


def container(host: PodmanHost, row: Listed) -> ObservedContainer:
    """One row of the list. A container whose conmon died counts as running while its process lives: Podman cannot tell."""
    labels = row.labels or {}
    conmon = conmon_alive(host, row.container)
    state = ContainerState.exited
    if row.state in NOT_STARTED:
        state = ContainerState.created
    elif row.state in RUNNING and proc.alive(row.pid):
        state = ContainerState.running
    exited = state is ContainerState.exited
    ports = [port.host_port for port in row.ports or [] if port.host_port]
    return ObservedContainer(
        container=row.container,
        instance=labels[INSTANCE],
        environment=labels.get(ENVIRONMENT, ""),
        image=row.image,
        state=state,
        pid=row.pid if state is ContainerState.running else 0,
        # it ends with its container: only a running one can have lost it
        conmon_alive=conmon or row.state not in RUNNING,
        exit_code=row.exit_code if exited and row.state not in RUNNING else None,
        host_port=ports[0] if ports else None,
        log_path=log_path(host, row.container),
        started_at=max(0, row.started_at),
        finished_at=max(0, row.exited_at) if exited else 0,
    )


def log_path(host: PodmanHost, container_id: str) -> Path:
    """The container's log file; it is there from the first start to the removal."""
    return host.stores.runtime / "overlay-containers" / container_id / "userdata" / "ctr.log"


def conmon_alive(host: PodmanHost, container_id: str) -> bool:
    """Whether the container's monitor lives; a number that is somebody else's by now does not count."""
    pid_file = host.runtime_run_root / "overlay-containers" / container_id / "userdata" / "conmon.pid"
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return False
    return proc.alive(pid) and container_id in proc.command_line(pid)


def out_of_memory(observed: ObservedContainer, *, stopped_by_us: bool) -> bool:
    """Whether an exited container ended for lack of memory."""
    if observed.state is not ContainerState.exited or observed.exit_code is None:
        return False
    return oom.killed(observed.container, observed.exit_code, since=observed.started_at, stopped_by_us=stopped_by_us)


def image_facts(found: InspectedImage) -> ImageFacts:
    """What the image says about itself; ports of TCP only."""
    config = found.config
    if config is None:
        return ImageFacts(image=found.image, size_bytes=found.size)
    exposed = sorted(
        int(port)
        for port, _, protocol in (name.partition("/") for name in config.exposed or {})
        if port.isdigit() and protocol in {"", "tcp"}
    )
    return ImageFacts(
        image=found.image,
        size_bytes=found.size,
        exposed=exposed,
        user=config.user,
        command=[*(config.entrypoint or []), *(config.command or [])],
    )
