"""From a checkout to what is built: the repository's Containerfile, a ready image, or a detected stack's plan."""

from pathlib import Path

import msgspec

from wisehosting_agent.build.containerfile import Containerfile, vet
from wisehosting_agent.build.context import Context, read_containerfile, read_text
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_stacks import NotDetected, Offers, Plan, Tree, app_file, detect
from wisehosting_stacks.build_variables import given
from wisehosting_stacks.settings import merged
from wisehosting_wire.facts import BuildPlan
from wisehosting_wire.workload import AppSettings, BuildSettings


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """What one build does, and what its instances are asked to be."""

    name: str
    """Where the Containerfile comes from, for people."""
    containerfile: Containerfile
    target: str = ""
    files: dict[str, str] = {}
    """What a plan brings beside the repository's files."""
    plan: BuildPlan | None = None
    """Only of a detected stack."""
    makeshift: bool = False
    """A base could not be made, and another version is taken: the next build looks for it again."""
    ready: bool = False
    """A ready image instead of a build."""
    app: AppSettings


def asked_of(root: Path, project: BuildSettings) -> tuple[BuildSettings, AppSettings]:
    """Settings of the build and of its instances: wisehosting.toml, then the project's. Raises WorkFailed(settings_refused)."""
    try:
        asked = app_file.read(read_text(root, app_file.NAME, Reason.settings_refused) or "")
    except app_file.SettingsRefused as error:
        raise WorkFailed(Reason.settings_refused, str(error)) from error
    build = merged(asked.build, project)
    app = asked.app
    if app.command is None and project.start:
        app = msgspec.structs.replace(app, command=list(project.start))
    return build, msgspec.structs.replace(app, port=app.port or project.port)


def instructions(
    root: Path, context: Context, build: BuildSettings, app: AppSettings, variables: frozenset[str], offers: Offers
) -> Instructions:
    """Decide what is built. Raises WorkFailed with its reason.

    A setting of the stack's name wins over a Containerfile that is there; a named Containerfile and a ready image over all.
    """
    if build.image:
        text = f"FROM {build.image}\n"
        return Instructions(
            name=f"the image {build.image}", containerfile=vet(text, "build.image"), app=app, ready=True
        )
    found = None if build.stack else read_containerfile(root, build.containerfile)
    if found is not None:
        name, text = found
        return Instructions(
            name=name, containerfile=_staged(vet(text, name), name, build.target), target=build.target, app=app
        )
    tree = Tree([entry.path for entry in context.entries if entry.kind == "file"], context.text)
    try:
        plan = detect(tree, build, offers)
    except NotDetected as error:
        raise WorkFailed(Reason.not_detected, str(error)) from error
    text = given(plan.containerfile, variables)
    return Instructions(
        name=f"the plan for {plan.stack}",
        containerfile=vet(text, "the plan's Containerfile"),
        files=plan.files,
        plan=as_told(plan),
        app=msgspec.structs.replace(app, port=app.port or plan.port),
    )


def _staged(containerfile: Containerfile, name: str, target: str) -> Containerfile:
    if target and target not in containerfile.stages:
        known = ", ".join(stage for stage in containerfile.stages if stage) or "none with a name"
        raise WorkFailed(
            Reason.containerfile_refused, f"{name} has no stage {target!r} (it has: {known}). Correct build.target."
        )
    return containerfile


def as_told(plan: Plan) -> BuildPlan:
    """A plan as the wire has it."""
    return BuildPlan(
        stack=str(plan.stack),
        framework=plan.framework,
        version=plan.version.taken,
        summary=plan.summary,
        found=[f"{one.what} ({one.where})" if one.where else one.what for one in plan.found],
        notes=list(plan.notes),
        install=plan.install,
        build=plan.build,
        start=list(plan.start),
        port=plan.port,
        images=list(plan.images),
        containerfile=plan.containerfile,
    )
