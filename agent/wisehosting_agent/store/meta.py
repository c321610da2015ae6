"""Single values: ids, positions, the last policy."""

import msgspec

from wisehosting_agent.store.database import Transaction


def get(tx: Transaction, key: str) -> bytes | None:
    """The value, or None."""
    row = tx.execute("SELECT value FROM meta WHERE key = ?", key).fetchone()
    return None if row is None else bytes(row[0])


def put(tx: Transaction, key: str, value: bytes) -> None:
    """Set or replace."""
    tx.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)


def number(tx: Transaction, key: str) -> int:
    """A number, 0 when it was never set."""
    value = get(tx, key)
    return 0 if value is None else int(value)


def put_number(tx: Transaction, key: str, value: int) -> None:
    """Set or replace a number."""
    put(tx, key, str(value).encode())


def store_id(tx: Transaction) -> str:
    """Id of this store, made with it."""
    return (get(tx, "store") or b"").decode()


def network_allow(tx: Transaction) -> list[str]:
    """Addresses the control plane last allowed."""
    value = get(tx, "network_allow")
    return [] if value is None else msgspec.json.decode(value, type=list[str])


def put_network_allow(tx: Transaction, allow: list[str]) -> None:
    """Remember them for the next start."""
    put(tx, "network_allow", msgspec.json.encode(allow))
