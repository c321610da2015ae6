"""What can be wrong with what a worker says or asks."""

from wisehosting_cp.errors import Forbidden


class Misplaced(Exception):
    """A worker spoke of something that is not placed on it. It is refused and audited."""


class WorkerRevoked(Forbidden):
    """The worker's key was revoked, or it was retired."""

    def __init__(self) -> None:
        super().__init__(
            "worker_revoked", "This worker was revoked. Mint a new join token with wh-cp worker-token and join again."
        )
