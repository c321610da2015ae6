"""Outbox and inbox position of durable messages (docs/wire.md, Delivery)."""

from wisehosting_agent.store import meta
from wisehosting_agent.store.database import Transaction


def waiting(tx: Transaction, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Outbox rows with a number above `after`, in order, at most `limit`."""
    rows = tx.execute("SELECT number, body FROM outbox WHERE number > ? ORDER BY number LIMIT ?", after, limit)
    return [(number, bytes(body)) for number, body in rows]


def length(tx: Transaction) -> int:
    """Messages not yet acknowledged."""
    return int(tx.execute("SELECT count(*) FROM outbox").fetchone()[0])


def acknowledged(tx: Transaction, number: int) -> None:
    """Forget everything up to and including `number`. A second call removes nothing."""
    tx.execute("DELETE FROM outbox WHERE number <= ?", number)


def received(tx: Transaction) -> int:
    """Last number of the control plane's outbox whose effect is stored here."""
    return meta.number(tx, "received")


def receive(tx: Transaction, number: int) -> bool:
    """Move the inbox position; False for a duplicate, whose effect must not happen again."""
    if number <= received(tx):
        return False
    meta.put_number(tx, "received", number)
    return True
