"""The routing table of this ingress node, as the control plane last ordered it."""

import msgspec

from wisehosting_agent.store import meta
from wisehosting_agent.store.database import Transaction
from wisehosting_wire.messages import Routes
from wisehosting_wire.workload import RouteApp

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(RouteApp).decode


def revision(tx: Transaction) -> int:
    """Revision of the stored table, 0 before the first."""
    return meta.number(tx, "routes_revision")


def table(tx: Transaction) -> list[RouteApp]:
    """The stored table."""
    return [_decode(body) for (body,) in tx.execute("SELECT body FROM routes ORDER BY app")]


def put(tx: Transaction, change: Routes) -> bool:
    """Store a snapshot or a change; False when it does not follow on the stored revision, which stays."""
    if not change.snapshot and change.base != revision(tx):
        return False
    if change.snapshot:
        tx.execute("DELETE FROM routes")
    for app in change.apps:
        tx.execute(
            "INSERT INTO routes VALUES (?, ?) ON CONFLICT (app) DO UPDATE SET body = excluded.body",
            app.app,
            _encode(app),
        )
    for gone in change.removed:
        tx.execute("DELETE FROM routes WHERE app = ?", gone)
    meta.put_number(tx, "routes_revision", change.revision)
    return True
