"""What is known of each instance. Reports to the control plane are posted in the same transaction as the change."""

import sqlite3
import time
from typing import Any

import msgspec

from wisehosting_agent.store import meta
from wisehosting_agent.store.database import Transaction
from wisehosting_wire.messages import InstanceObserved
from wisehosting_wire.workload import InstanceStatus, Workload

PORT_HOLD_SECONDS = 300.0
"""A port rests this long after its instance was removed, so that no stale route can reach a stranger."""


class InstanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One instance of ours, from its first sight to the end of its tombstone."""

    instance: str
    team: str = ""
    environment: str = ""
    status: InstanceStatus = InstanceStatus.pending
    reason: str = ""
    detail: str = ""
    container: str = ""
    host_port: int | None = None
    stop_seconds: float = 10
    exit_code: int | None = None
    restarts: int = 0
    backoff: int = 0
    """Doublings so far; 0 after ten minutes up."""
    next_start_at: float = 0
    created_at: float = 0
    verified_start: float = 0
    """`started_at` of the run that was verified and probed; another value means: verify again."""
    was_ready: bool = False
    """This run has answered once."""
    oom_kills: int = 0
    """Highest counter seen in this run."""
    stopped_by_us: bool = False


_FIELDS = [field.name for field in msgspec.structs.fields(InstanceRow)]
_COLUMNS = ", ".join(_FIELDS)


def _row(values: tuple[Any, ...]) -> InstanceRow:
    return msgspec.convert(dict(zip(_FIELDS, values, strict=True)), InstanceRow, strict=False)


def load(tx: Transaction) -> dict[str, InstanceRow]:
    """All rows by instance id."""
    rows = tx.execute(f"SELECT {_COLUMNS} FROM instances")  # noqa: S608  # column names are ours
    return {row[0]: _row(row) for row in rows}


def get(tx: Transaction, instance: str) -> InstanceRow | None:
    """One row, or None."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM instances WHERE instance = ?", instance).fetchone()  # noqa: S608
    return None if row is None else _row(row)


def ensure(tx: Transaction, workload: Workload) -> InstanceRow:
    """The row of a desired instance, made when it is new."""
    tx.execute(
        "INSERT INTO instances (instance, team, environment, status, stop_seconds) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (instance) DO UPDATE SET stop_seconds = excluded.stop_seconds",
        workload.instance,
        workload.environment.team,
        workload.environment.id,
        str(InstanceStatus.pending),
        workload.stop_seconds,
    )
    row = get(tx, workload.instance)
    assert row is not None  # noqa: S101  # inserted two lines above
    return row


def update(tx: Transaction, instance: str, **changes: object) -> None:
    """Set columns; a missing row stays missing."""
    names = ", ".join(f"{name} = ?" for name in changes)
    values = [str(value) if isinstance(value, InstanceStatus) else value for value in changes.values()]
    tx.execute(f"UPDATE instances SET {names} WHERE instance = ?", *values, instance)  # noqa: S608


def observe(tx: Transaction, instance: str, status: InstanceStatus, *, address: str, **changes: object) -> bool:
    """Set status and columns and post the report, both or neither.

    Returns False and posts nothing when status, reason, detail, container, port and restarts are what was last reported.
    """
    before = get(tx, instance)
    if before is None:
        tx.execute("INSERT INTO instances (instance, status) VALUES (?, ?)", instance, str(InstanceStatus.pending))
    update(tx, instance, **{"reason": "", "detail": "", **changes, "status": status})
    after = get(tx, instance)
    assert after is not None  # noqa: S101  # inserted or found above
    if before is not None and _reported(before) == _reported(after):
        return False
    now = time.time()
    tx.post(
        InstanceObserved(
            instance=instance,
            status=status,
            reason=after.reason,
            detail=after.detail,
            address=address if after.host_port else "",
            port=after.host_port or 0,
            container=after.container,
            exit_code=after.exit_code,
            restarts=after.restarts,
            generation=meta.number(tx, "generation"),
            at=now,
            seconds=max(0.0, now - after.created_at) if after.created_at else 0,
        )
    )
    return True


def _reported(row: InstanceRow) -> tuple[object, ...]:
    return (row.status, row.reason, row.detail, row.container, row.host_port, row.restarts)


def forget(tx: Transaction, instance: str) -> None:
    """Drop the row of a removed instance; its port stays held."""
    tx.execute("DELETE FROM instances WHERE instance = ?", instance)


def allocate_port(tx: Transaction, instance: str, first: int, last: int, taken: frozenset[int] = frozenset()) -> int:
    """The instance's port for life; the same one on every call. Raises LookupError when none is free.

    Goes round the range, so that a freed port is used again as late as possible. `taken` are ports strangers hold.
    """
    row = tx.execute("SELECT port FROM ports WHERE instance = ?", instance).fetchone()
    if row is not None:
        return int(row[0])
    held = {
        port for (port,) in tx.execute("SELECT port FROM ports WHERE instance IS NOT NULL OR free_at > ?", time.time())
    }
    start = meta.number(tx, "next_port")
    size = last - first + 1
    offset = start - first if first <= start <= last else 0
    for step in range(size):
        port = first + (offset + step) % size
        if port in held or port in taken:
            continue
        try:
            tx.execute(
                "INSERT INTO ports (port, instance) VALUES (?, ?) "
                "ON CONFLICT (port) DO UPDATE SET instance = excluded.instance, free_at = 0",
                port,
                instance,
            )
        except sqlite3.IntegrityError as error:  # pragma: no cover  # one thread owns the table
            raise LookupError(f"port {port} was taken meanwhile") from error
        meta.put_number(tx, "next_port", port + 1)
        return port
    raise LookupError(f"all ports {first}-{last} are in use; widen port_range in the agent's settings")


def release_port(tx: Transaction, instance: str) -> None:
    """Start the hold time of the instance's port. A second call changes nothing."""
    tx.execute(
        "UPDATE ports SET instance = NULL, free_at = ? WHERE instance = ?", time.time() + PORT_HOLD_SECONDS, instance
    )
