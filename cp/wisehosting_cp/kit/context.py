"""What the composition root builds once and every room receives."""

from dataclasses import dataclass, field

from wisehosting_cp.kit.clock import Clock
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import Events
from wisehosting_cp.kit.keyring import Keyring
from wisehosting_cp.kit.limits import Limits
from wisehosting_cp.kit.sealing import Sealer
from wisehosting_cp.settings import Settings


@dataclass(frozen=True)
class Context:
    """The long-lived parts of one control-plane process."""

    settings: Settings
    db: Database
    events: Events
    keyring: Keyring
    sealer: Sealer
    clock: Clock
    limits: Limits = field(default_factory=Limits)
