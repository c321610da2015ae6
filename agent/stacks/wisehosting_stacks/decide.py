"""What will be built of a project, before anything is: a ready image, its own Containerfile, or a detected plan."""

import enum

import msgspec

from wisehosting_stacks import app_file
from wisehosting_stacks.detect import detect
from wisehosting_stacks.plan import Plan
from wisehosting_stacks.settings import BuildSettings, merged
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers


class Way(enum.StrEnum):
    """How a project becomes an image."""

    image = "image"
    containerfile = "containerfile"
    stack = "stack"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The way, and what it goes by."""

    way: Way
    name: str
    """The image, the Containerfile's path, or the stack."""
    settings: BuildSettings
    """The repository's and the project's together."""
    from_file: bool
    """There is a wisehosting.toml."""
    plan: Plan | None = None


def decide(tree: Tree, project: BuildSettings, offers: Offers | None = None) -> Decision:
    """Decide by the files and the project's settings. Raises NotDetected or app_file.SettingsRefused with a sentence."""
    text = tree.text(app_file.NAME)
    settings = merged(app_file.read(text).build, project)
    there = app_file.NAME in tree
    if settings.image:
        return Decision(way=Way.image, name=settings.image, settings=settings, from_file=there)
    own = tree.first(*([settings.containerfile] if settings.containerfile else ["Containerfile", "Dockerfile"]))
    if own is not None and not settings.stack:
        return Decision(way=Way.containerfile, name=own, settings=settings, from_file=there)
    plan = detect(tree, settings, offers)
    return Decision(way=Way.stack, name=str(plan.stack), settings=settings, from_file=there, plan=plan)
