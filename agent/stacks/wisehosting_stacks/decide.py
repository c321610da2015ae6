"""What will be built of a project, before anything is: a ready image, its own Containerfile, or a detected plan."""

import enum

import msgspec

from wisehosting_stacks import app_file
from wisehosting_stacks.detect import detect
from wisehosting_stacks.plan import NotDetected, Plan
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
    said: BuildSettings = BuildSettings()
    """What that file says, and so wins."""
    plan: Plan | None = None


def decide(tree: Tree, project: BuildSettings, offers: Offers | None = None) -> Decision:
    """Decide by the files and the project's settings. Raises NotDetected or app_file.SettingsRefused with a sentence."""
    said = app_file.read(tree.text(app_file.NAME)).build
    settings = merged(said, project)
    there = app_file.NAME in tree

    def decision(way: Way, name: str, plan: Plan | None = None) -> Decision:
        return Decision(way=way, name=name, settings=settings, from_file=there, said=said, plan=plan)

    if settings.image:
        return decision(Way.image, settings.image)
    own = tree.first(*([settings.containerfile] if settings.containerfile else ["Containerfile", "Dockerfile"]))
    if own is not None and not settings.stack:
        return decision(Way.containerfile, own)
    if settings.containerfile and not settings.stack:
        raise NotDetected(
            f"There is no {settings.containerfile} in the project's folder. Change the project's Containerfile."
        )
    plan = detect(tree, settings, offers)
    return decision(Way.stack, str(plan.stack), plan)
