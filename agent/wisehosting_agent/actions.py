"""The steps the planner orders. Each looks at the world first, so running it twice is running it once."""

import time
from typing import Protocol

import msgspec

from wisehosting_agent import diagnosis
from wisehosting_agent.backoff import ends_before, restart_delay
from wisehosting_agent.errors import ConfigurationError, IsolationBroken, RuntimeRefused, WorkFailed
from wisehosting_agent.hands import Hands, Stopped
from wisehosting_agent.health import Gone, wait_ready
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.port import ContainerSpec, ContainerState, ObservedContainer
from wisehosting_agent.store import instances
from wisehosting_agent.store.database import Transaction
from wisehosting_agent.telemetry.lines import last_lines
from wisehosting_wire.workload import InstanceStatus, Workload


class Action(Protocol):
    """One step for one instance."""

    @property
    def instance(self) -> str:
        """Whom it concerns; actions of one instance run one after another."""

    @property
    def begins(self) -> bool:
        """It puts new work on this worker: withheld while the tenant policy is not closed."""

    @property
    def ends(self) -> bool:
        """It takes the instance down: what else is under way for it is given up."""

    async def run(self, hands: Hands) -> None:
        """Do it. Raises Stopped when the actions behind it make no sense any more; why is stored and reported."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Base of actions on a desired workload."""

    workload: Workload

    @property
    def instance(self) -> str:
        """Whom it concerns."""
        return self.workload.instance

    @property
    def begins(self) -> bool:
        """New work unless said otherwise."""
        return False

    @property
    def ends(self) -> bool:
        """Takes nothing down unless said otherwise."""
        return False

    def __str__(self) -> str:
        return f"{_words(self)} {self.instance}"


class CreateInstance(Step, frozen=True, kw_only=True):
    """Give it its port for life and create its container; a second run finds the container and changes nothing."""

    @property
    def begins(self) -> bool:
        """Yes."""
        return True

    async def run(self, hands: Hands) -> None:
        """Waits for the environment's variables. Raises Stopped after reporting a failure and setting the back-off."""
        workload = self.workload
        row = await hands.store.run(lambda tx: instances.ensure(tx, workload))
        variables = await hands.variables.need(workload.environment.id, workload.variables_version)
        port = row.host_port
        env = dict(variables.run)
        try:
            if workload.port is not None:
                port = await hands.port_for(workload.instance)
                env["PORT"] = str(workload.port)
            async with hands.slots:
                container = await hands.runtime.create(ContainerSpec(workload=workload, env=env, host_port=port))
        except WorkFailed as error:
            await hands.failed(workload, diagnosis.Failure(error.reason, error.detail))
            raise Stopped(str(error)) from error
        except (RuntimeRefused, ConfigurationError) as error:
            await hands.failed(workload, diagnosis.refused_start(str(error)))
            raise Stopped(str(error)) from error

        def created(tx: Transaction) -> None:
            instances.update(tx, workload.instance, container=container, host_port=port, created_at=time.time())

        await hands.store.run(created)


class StartInstance(Step, frozen=True, kw_only=True):
    """Start the container; a running one stays as it is."""

    @property
    def begins(self) -> bool:
        """Yes."""
        return True

    async def run(self, hands: Hands) -> None:
        """Raises Stopped after reporting a refusal and setting the back-off."""
        workload = self.workload
        observed = await hands.find(workload.instance)
        if observed is None:
            raise Stopped("its container is gone")
        if observed.state != ContainerState.running:
            try:
                async with hands.slots:
                    await hands.runtime.start(observed.container)
            except WorkFailed as error:
                await hands.failed(workload, diagnosis.Failure(error.reason, error.detail))
                raise Stopped(str(error)) from error
            except RuntimeRefused as error:
                await hands.failed(workload, diagnosis.refused_start(str(error)))
                raise Stopped(str(error)) from error

        def started(tx: Transaction) -> None:
            row = instances.ensure(tx, workload)
            instances.observe(
                tx,
                workload.instance,
                InstanceStatus.starting,
                address=hands.address,
                container=observed.container,
                restarts=row.restarts + (row.status == InstanceStatus.exited),
                was_ready=False,
                oom_kills=0,
                stopped_by_us=False,
                exit_code=None,
                created_at=row.created_at if row.status == InstanceStatus.pending and row.created_at else time.time(),
            )

        await hands.store.run(started)


class VerifyInstance(Step, frozen=True, kw_only=True):
    """Compare the running container with its isolation profile before anything can reach it."""

    async def run(self, hands: Hands) -> None:
        """Raises Stopped when it differs (it is killed and reported then) or has ended meanwhile."""
        observed = await hands.find(self.instance)
        if observed is None or observed.state != ContainerState.running:
            raise Stopped("it ended before it was verified")
        try:
            async with hands.slots:
                await hands.runtime.verify(observed.container, self.workload)
        except RuntimeRefused as error:
            raise Stopped(str(error)) from error
        except IsolationBroken as error:
            await hands.runtime.stop(observed.container, 0)
            await hands.failed(
                self.workload,
                diagnosis.Failure(Reason.isolation_broken, f"{error} Its container was stopped; tell the operator."),
            )
            raise Stopped(str(error)) from error


class ProbeInstance(Step, frozen=True, kw_only=True):
    """Wait until it is ready and report ready, or unready with the reason."""

    async def run(self, hands: Hands) -> None:
        """Raises Stopped when the process ended: the next look reports that."""
        workload = self.workload
        observed = await hands.find(workload.instance)
        if observed is None or observed.state != ContainerState.running:
            raise Stopped("it ended before it was ready")
        hands.logs.track_container(observed)
        try:
            failure = await wait_ready(observed, workload, hands.address)
        except Gone as error:
            raise Stopped("it ended before it was ready") from error
        kills = await hands.runtime.oom_kills(observed)

        def probed(tx: Transaction) -> None:
            row = instances.ensure(tx, workload)
            instances.observe(
                tx,
                workload.instance,
                InstanceStatus.ready if failure is None else InstanceStatus.unready,
                address=hands.address,
                reason=str(failure.reason) if failure is not None and failure.reason else "",
                detail=failure.detail if failure is not None else "",
                container=observed.container,
                host_port=observed.host_port if observed.host_port is not None else row.host_port,
                verified_start=observed.started_at,
                was_ready=failure is None,
                oom_kills=kills,
                next_start_at=0,
            )

        await hands.store.run(probed)


class ReportExit(Step, frozen=True, kw_only=True):
    """Say why it ended and when it may start again. A second run reports nothing new."""

    observed: ObservedContainer

    async def run(self, hands: Hands) -> None:
        """Stores reason, exit code and back-off together with the report."""
        workload = self.workload
        now = await hands.find(workload.instance)
        if now is None or now.container != self.observed.container or now.state == ContainerState.running:
            return  # what was seen is over: the next look sees what is
        observed = await hands.settled(now)
        hands.logs.track_container(observed)
        lines = last_lines(observed.log_path)

        def report(tx: Transaction) -> None:
            row = instances.ensure(tx, workload)
            if row.stopped_by_us:
                instances.observe(tx, workload.instance, InstanceStatus.stopped, address=hands.address)
                return
            up = observed.finished_at - observed.started_at if observed.finished_at else 0.0
            doublings = ends_before(row.backoff, up)
            failure = diagnosis.ended(
                observed,
                workload,
                lines,
                was_ready=row.was_ready,
                oom_kills=row.oom_kills,
                in_a_row=doublings + 1,
                again_seconds=restart_delay(doublings),
            )
            instances.observe(
                tx,
                workload.instance,
                InstanceStatus.exited,
                address=hands.address,
                reason=str(failure.reason or ""),
                detail=failure.detail,
                container=observed.container,
                exit_code=observed.exit_code,
                next_start_at=time.time() + restart_delay(doublings),
                backoff=doublings + 1,
            )

        await hands.store.run(report)


class MarkStopped(Step, frozen=True, kw_only=True):
    """It is wanted stopped and does not run: report that. A second run reports nothing."""

    async def run(self, hands: Hands) -> None:
        """Stores and reports."""
        workload = self.workload

        def mark(tx: Transaction) -> None:
            instances.ensure(tx, workload)
            instances.observe(
                tx, workload.instance, InstanceStatus.stopped, address=hands.address, next_start_at=0, backoff=0
            )

        await hands.store.run(mark)


class ReplaceInstance(Step, frozen=True, kw_only=True):
    """Its monitor died: Podman can neither stop nor log it. Remove the container and make a new one on the same port."""

    container: str

    @property
    def begins(self) -> bool:
        """Yes."""
        return True

    async def run(self, hands: Hands) -> None:
        """A second run finds the old container gone and only creates. Raises Stopped like CreateInstance."""
        await hands.logs.drain(self.instance)
        async with hands.slots:
            await hands.runtime.remove(self.container)
        await hands.store.run(
            lambda tx: instances.update(tx, self.instance, status=InstanceStatus.exited, container="", verified_start=0)
        )
        await CreateInstance(workload=self.workload).run(hands)


class StopInstance(msgspec.Struct, frozen=True, kw_only=True):
    """Ask it to end, kill it after `seconds`; a stopped one stays as it is."""

    instance: str
    container: str
    seconds: float
    begins: bool = False
    ends: bool = True

    def __str__(self) -> str:
        return f"{_words(self)} {self.instance} within {self.seconds:g} s"

    async def run(self, hands: Hands) -> None:
        """Marks the stop as ours first, so that exit code 137 is not taken for lack of memory."""
        await hands.store.run(lambda tx: instances.update(tx, self.instance, stopped_by_us=True))
        await hands.runtime.stop(self.container, self.seconds)

        def stopped(tx: Transaction) -> None:
            if instances.get(tx, self.instance) is not None:
                instances.observe(
                    tx, self.instance, InstanceStatus.stopped, address=hands.address, next_start_at=0, backoff=0
                )

        await hands.store.run(stopped)


class RemoveInstance(msgspec.Struct, frozen=True, kw_only=True):
    """Remove the container after its log was read to the end. The port rests before it is used again."""

    instance: str
    container: str = ""
    kept: bool = False
    """The instance stays wanted (stopped): only a container that cannot be stopped goes."""
    begins: bool = False
    ends: bool = True

    def __str__(self) -> str:
        return f"{_words(self)} {self.instance}"

    async def run(self, hands: Hands) -> None:
        """Reports removed, once."""
        await hands.logs.drain(self.instance)
        if self.container:
            async with hands.slots:
                await hands.runtime.remove(self.container)
        if not self.kept:
            hands.logs.end(self.instance)
        status = InstanceStatus.stopped if self.kept else InstanceStatus.removed

        def removed(tx: Transaction) -> None:
            instances.observe(tx, self.instance, status, address=hands.address, container="")
            if not self.kept:
                instances.release_port(tx, self.instance)
                instances.update(tx, self.instance, host_port=None)

        await hands.store.run(removed)


class ForgetInstance(msgspec.Struct, frozen=True, kw_only=True):
    """The control plane knows that it is removed: drop the row."""

    instance: str
    begins: bool = False
    ends: bool = False

    def __str__(self) -> str:
        return f"{_words(self)} {self.instance}"

    async def run(self, hands: Hands) -> None:
        """A second run finds nothing."""
        await hands.store.run(lambda tx: instances.forget(tx, self.instance))


def _words(action: object) -> str:
    """`CreateInstance` becomes `create`, `ReportExit` becomes `report exit of`."""
    return {
        "CreateInstance": "create",
        "StartInstance": "start",
        "VerifyInstance": "verify",
        "ProbeInstance": "probe",
        "ReportExit": "report exit of",
        "MarkStopped": "mark as stopped",
        "ReplaceInstance": "replace",
        "StopInstance": "stop",
        "RemoveInstance": "remove",
        "ForgetInstance": "forget",
    }[type(action).__name__]
