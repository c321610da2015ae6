"""What would be built of a repository, shown before anything is: the same decision that the builder makes."""

import asyncio
from pathlib import Path

import msgspec

from wisehosting_cp.errors import Invalid
from wisehosting_cp.git import service as git
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources.schemas import FileSettingsView, LanguagePlanView, PlanView
from wisehosting_stacks import BuildSettings, NotDetected
from wisehosting_stacks.app_file import SettingsRefused
from wisehosting_stacks.decide import Decision, decide
from wisehosting_stacks.folder import folder_below, tree_of


async def plan(
    ctx: Context, *, who: str, url: str, branch: str, root_directory: str, submodules: bool, settings: BuildSettings
) -> PlanView:
    """Look into the repository and decide. Never inside a transaction: it takes up to 30 s.

    Raises Invalid with the code and sentence that a deployment would fail with, TooManyRequests, and Unavailable.
    """
    try:
        async with git.checkout(ctx, url, branch, who=who, submodules=submodules) as (commit, tree):
            decision = await asyncio.to_thread(_decide, tree, root_directory, settings)
    except git.GitError as error:
        raise Invalid(error.reason, error.detail) from error
    found = decision.plan
    return PlanView(
        commit=commit.commit,
        subject=commit.subject,
        way=decision.way,
        name=decision.name,
        settings_file=decision.from_file,
        file=FileSettingsView(**msgspec.structs.asdict(decision.said)),
        plan=None
        if found is None
        else LanguagePlanView(
            stack=found.stack,
            framework=found.framework,
            version=found.version.taken,
            summary=found.summary,
            found=[f"{one.what} ({one.where})" if one.where else one.what for one in found.found],
            notes=list(found.notes),
            install=found.install,
            build=found.build,
            start=list(found.start),
            port=found.port,
            images=list(found.images),
            containerfile=found.containerfile,
            files=found.files,
        ),
    )


def _decide(tree: Path, root_directory: str, settings: BuildSettings) -> Decision:
    root = folder_below(tree, root_directory)
    if root is None:
        detail = f"There is no folder {root_directory!r} in the repository. Change the project's root directory."
        raise Invalid("root_directory_missing", detail, fields={"source.root_directory": detail})
    try:
        return decide(tree_of(root), settings)
    except NotDetected as error:
        raise Invalid("not_detected", str(error)) from error
    except SettingsRefused as error:
        raise Invalid("settings_refused", str(error)) from error
