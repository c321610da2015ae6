"""What can go wrong between `wh` and a platform. Every message ends with the next command to type.

ClientError(exit_code)
├── Refused         1   the platform said no (problem+json), or the command itself does
├── Failed          2   a deployment or a scaling ended badly
├── NotLoggedIn     3   no platform is known, or its token is refused
├── Unreachable     4   the platform does not answer
└── Stopped       130   Ctrl-C while something was followed, which goes on
A command that was typed wrong is none of these: it never began, and exits with USAGE.
"""

from typing import Any

USAGE = 64
"""A command typed wrong, as sysexits.h numbers it: 2 is a failed deployment."""

EXIT_CODES = {
    0: "Done: live, ready, listed",
    1: "Refused, by the platform or by `wh`",
    2: "A deployment failed or was cancelled, or instances did not become ready",
    3: "Not logged in: no platform is known, or it refuses the token",
    4: "The platform does not answer",
    USAGE: "A command typed wrong; nothing was sent",
    130: "Ctrl-C: what was started goes on, only the following ends",
}
"""What the exit codes of `wh` mean."""


class ClientError(Exception):
    """An error with the exit code of the command. `command` is what to type next; the sentence alone may not say it."""

    exit_code = 1

    def __init__(self, sentence: str, command: str = "") -> None:
        super().__init__(f"{sentence}\nNext: {command}" if command else sentence)
        self.command = command


class NotLoggedIn(ClientError):
    """No platform is known, or it refuses the token."""

    exit_code = 3


class Unreachable(ClientError):
    """The platform does not answer."""

    exit_code = 4


class Refused(ClientError):
    """The platform said no."""

    def __init__(self, status: int, code: str, detail: str, command: str = "") -> None:
        super().__init__(detail, command)
        self.status = status
        self.code = code
        self.detail = detail


class Failed(ClientError):
    """A deployment ended in `failed` or `cancelled`, or instances did not become ready."""

    exit_code = 2

    def __init__(self, sentence: str, command: str = "", deployment: dict[str, Any] | None = None) -> None:
        super().__init__(sentence, command)
        self.deployment = deployment


class Stopped(ClientError):
    """Somebody stopped following; what was followed goes on."""

    exit_code = 130
