"""What can go wrong between `wh` and a platform. Every message ends with what to do.

ClientError(exit_code)
├── NotLoggedIn     3   no platform is known, or its token is refused
├── Unreachable     4   the platform does not answer
├── Refused         1   the platform said no (problem+json), or the command itself does
└── Failed          2   a deployment or a scaling ended badly
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
    """The platform said no. `command` is what to type next; the sentence alone may not say it."""

    def __init__(self, status: int, code: str, detail: str, command: str = "") -> None:
        super().__init__(f"{detail}\nNext: {command}" if command else detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.command = command


class Failed(ClientError):
    """A deployment ended in `failed` or `cancelled`, or instances did not become ready."""

    exit_code = 2
