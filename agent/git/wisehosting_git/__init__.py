"""git in a sandbox: an unprivileged user, checked and pinned addresses, limits on time, size and memory.

Both sides use it: builders to check a tree out, the control plane to ask which commit a ref names.
"""

from wisehosting_git.address import Repository, check_ref
from wisehosting_git.errors import GitError, SandboxUnavailable
from wisehosting_git.network import AddressPolicy
from wisehosting_git.process import Limits
from wisehosting_git.sandbox import Commit, Ref, Sandbox

__all__ = [
    "AddressPolicy",
    "Commit",
    "GitError",
    "Limits",
    "Ref",
    "Repository",
    "Sandbox",
    "SandboxUnavailable",
    "check_ref",
]
