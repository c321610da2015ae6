"""Stack detection: files to plan to Containerfile. Pure; builders, the control plane and `wh eject` all decide by it."""

from wisehosting_stacks.detect import detect
from wisehosting_stacks.plan import NotDetected, Plan
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers

__all__ = ["BuildSettings", "NotDetected", "Offers", "Plan", "Tree", "detect"]
