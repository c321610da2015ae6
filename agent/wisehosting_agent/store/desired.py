"""The last desired state: whole, ordered by (epoch, generation), stored before it is acted upon."""

import msgspec

from wisehosting_agent.store import meta
from wisehosting_agent.store.database import Transaction
from wisehosting_wire.messages import DesiredState

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DesiredState).decode
EMPTY = DesiredState(cp_epoch=0, generation=0, workloads=[], tombstones=[])


def load(tx: Transaction) -> DesiredState:
    """The stored state; EMPTY before the first one."""
    body = meta.get(tx, "desired")
    return EMPTY if body is None else _decode(body)


def put(tx: Transaction, state: DesiredState) -> bool:
    """Store it; False when it is older than the stored one, which stays. An equal one changes nothing."""
    current = load(tx)
    if (state.cp_epoch, state.generation) < (current.cp_epoch, current.generation):
        return False
    meta.put(tx, "desired", _encode(state))
    meta.put_number(tx, "generation", state.generation)
    meta.put_number(tx, "cp_epoch", state.cp_epoch)
    return True
