"""What can go wrong with a repository.

GitError               the repository's fault or its owner's; carries a deployment reason
SandboxUnavailable     this host cannot run git safely; names the fix
"""

UNREACHABLE = "repository_unreachable"
NOT_FOUND = "repository_not_found"
PRIVATE = "repository_private"
EMPTY = "repository_empty"
TOO_LARGE = "repository_too_large"
BRANCH_GONE = "branch_gone"


class GitError(Exception):
    """A repository could not be read. `reason` is a deployment reason, `detail` a sentence that says what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class SandboxUnavailable(Exception):
    """This host cannot run git safely; the message names the command that fixes it."""
