"""What can go wrong between `wh` and a platform. Every message ends with what to do.

ClientError(exit_code)
├── NotLoggedIn     3   no platform is known, or its token is refused
├── Unreachable     4   the platform does not answer
├── Refused         1   the platform said no (problem+json)
└── Failed          2   the deployment ended badly
"""


class ClientError(Exception):
    """An error with the exit code of the command."""

    exit_code = 1


class NotLoggedIn(ClientError):
    """No platform is known, or it refuses the token."""

    exit_code = 3


class Unreachable(ClientError):
    """The platform does not answer."""

    exit_code = 4


class Refused(ClientError):
    """The platform said no."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


class Failed(ClientError):
    """A deployment ended in `failed` or `cancelled`."""

    exit_code = 2
