"""What `wh-agent status` says: read from the store alone, so that it works while the agent is down."""

import fcntl
import os
import sqlite3
from pathlib import Path

import msgspec

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.store import desired, instances, jobs, mail, meta, routes
from wisehosting_agent.store.database import Transaction


class InstanceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One instance."""

    instance: str
    status: str
    port: int | None
    restarts: int
    reason: str
    detail: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """State of this worker."""

    running: bool
    """The agent's process is up."""
    link: str
    """`connected …` or `disconnected` with why, as of the agent's last word."""
    worker: str
    cp_epoch: int
    generation: int
    routes_revision: int
    instances: list[InstanceLine]
    wanted: int
    jobs: int
    outbox: int


def read(state_dir: Path) -> Status:
    """Read the store. Raises ConfigurationError when there is none."""
    path = state_dir / "agent.db"
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist: no agent has run on this state folder yet")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        tx = Transaction(connection)
        connection.execute("BEGIN")
        running = _running(state_dir)
        link = (meta.get(tx, "link") or b"disconnected").decode()
        return Status(
            running=running,
            link=link if running else "disconnected (the agent does not run)",
            worker=_worker(state_dir),
            cp_epoch=meta.number(tx, "cp_epoch"),
            generation=meta.number(tx, "generation"),
            routes_revision=routes.revision(tx),
            instances=[
                InstanceLine(
                    instance=row.instance,
                    status=str(row.status),
                    port=row.host_port,
                    restarts=row.restarts,
                    reason=row.reason,
                    detail=row.detail,
                )
                for row in instances.load(tx).values()
            ],
            wanted=len(desired.load(tx).workloads),
            jobs=len(jobs.open_jobs(tx)),
            outbox=mail.length(tx),
        )
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"reading {path}: {error}") from error
    finally:
        connection.close()


def lines(status: Status) -> list[str]:
    """For people."""
    said = [
        f"agent        {'running' if status.running else 'not running'}",
        f"link         {status.link}",
        f"worker       {status.worker or 'not registered'}",
        f"generation   {status.generation} (epoch {status.cp_epoch}), {status.wanted} wanted",
        f"routes       revision {status.routes_revision}",
        f"jobs         {status.jobs} open",
        f"outbox       {status.outbox} waiting",
    ]
    for one in status.instances:
        port = f" port {one.port}" if one.port else ""
        why = f" {one.reason}: {one.detail.splitlines()[0]}" if one.detail else ""
        said.append(f"instance     {one.instance} {one.status}{port}, {one.restarts} restarts{why}")
    return said


def _running(state_dir: Path) -> bool:
    try:
        descriptor = os.open(state_dir / "agent.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _worker(state_dir: Path) -> str:
    from wisehosting_agent.identity import Identity

    token = Identity(state_dir).token()
    return "" if token is None else token.worker
