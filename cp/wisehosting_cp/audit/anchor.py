"""The anchor: where the chain's head was last seen, kept outside the database, so that a tail that was cut is noticed."""

import fcntl
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from wisehosting_cp.kit.audit_chain import Head, seal_head

NAME = "audit-head.json"


@dataclass(frozen=True)
class Anchor:
    """The file in the control plane's state folder. It is sealed with the audit key and only ever moves forward."""

    path: Path
    key: bytes

    def read(self) -> Head | None:
        """Return the head that was seen; None when none was yet.

        Raises ValueError when the file is not one that this key sealed, OSError when it cannot be read.
        """
        try:
            found = json.loads(self.path.read_bytes())
            head, sealed = Head(int(found["seq"]), bytes.fromhex(found["mac"])), bytes.fromhex(found["seal"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self.path} is not what this platform wrote") from error
        if not hmac.compare_digest(sealed, seal_head(self.key, head)):
            raise ValueError(f"{self.path} was not sealed with this platform's audit key")
        return head

    def advance(self, head: Head) -> bool:
        """Move to a later head, and say whether that was one: a second run, or an earlier head, changes nothing.

        Raises ValueError and OSError as `read` does; the file stays as it is then.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # The serving processes and `wh-cp audit verify` all move it.
            fcntl.flock(folder, fcntl.LOCK_EX)
            seen = self.read()
            if head.seq <= (seen.seq if seen else 0):
                return False
            self._write(head, folder)
            return True
        finally:
            os.close(folder)

    def _write(self, head: Head, folder: int) -> None:
        told = {"seq": head.seq, "mac": head.mac.hex(), "seal": seal_head(self.key, head).hex()}
        partial = self.path.with_name(f".{self.path.name}.new")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if os.geteuid() == 0:
                # Verifying as root must not take the file from the service that owns the folder.
                owner = os.fstat(folder)
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            file.write(json.dumps(told).encode())
            file.flush()
            os.fsync(descriptor)
        partial.replace(self.path)
        os.fsync(folder)
