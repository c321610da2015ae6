"""The example application of the first deployment, in a real Git repository behind Git's smart HTTP on loopback."""

from wisehosting_cp.local.example.repository import ensure_repository
from wisehosting_cp.local.example.server import create_git_server

__all__ = ["create_git_server", "ensure_repository"]
