"""The master key: where it lies, what is refused, and how a new one is made."""

import os
import secrets
from itertools import pairwise
from pathlib import Path

from wisehosting_cp.settings import read_private

MASTER_KEY_BYTES = 32
SETTING = "WISEHOSTING_MASTER_KEY_FILE"
CREDENTIAL = "wisehosting-master-key"
"""Name of the systemd credential, `LoadCredential=wisehosting-master-key:PATH` in the unit (systemd.exec(5))."""
MAKE = "Make one: wh-cp keys new /etc/wisehosting/master.key"
LEAST_DISTINCT = 16
"""32 random bytes have 30 different values on average; fewer than 16 do not happen."""
SAMPLES = frozenset(
    {
        # The AES-256 key of NIST SP 800-38A, F.1.5, in the examples of many libraries.
        bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
    }
)


def load(path: Path | None) -> bytes:
    """Return the master key: the systemd credential where the service has one, else the file of the setting.

    Raises ValueError, which names the next command, when there is none, when others can read it, and when it is not 32
    random bytes.
    """
    credential = credential_path()
    if credential is not None:
        # Where a unit has User=, systemd (254 and later) gives access by an ACL: its mask shows as a group that can read.
        key = read_private(credential, setting=f"the credential {CREDENTIAL}", make=MAKE, shared=0o007)
        return checked(key, f"the credential {CREDENTIAL}")
    if path is None:
        raise ValueError(
            f"There is no master key. Set {SETTING} to a file of mode 0600, or give the unit "
            f"LoadCredential={CREDENTIAL}:PATH. {MAKE}"
        )
    return checked(read_private(path, setting=SETTING, make=MAKE), f"{SETTING} ({path})")


def credential_path() -> Path | None:
    """Return where systemd put the credential, None when this process has none."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(directory) / CREDENTIAL if directory else None
    return path if path is not None and path.exists() else None


def checked(key: bytes, name: str) -> bytes:
    """Return a key that can be one. Raises ValueError for a length, a sample or a pattern that no random key has."""
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(f"{name}: it holds {len(key)} bytes, {MASTER_KEY_BYTES} random ones are needed. {MAKE}")
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if key in SAMPLES or len(steps) == 1:
        raise ValueError(f"{name}: this key is a known sample. {MAKE}")
    if len(set(key)) < LEAST_DISTINCT or key.isascii():
        raise ValueError(f"{name}: these bytes are not random; they look like text or a pattern. {MAKE}")
    return key


def create(path: Path) -> None:
    """Write a new master key, mode 0600. Never overwrites: raises FileExistsError, since what it sealed would be lost."""
    key = secrets.token_bytes(MASTER_KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
