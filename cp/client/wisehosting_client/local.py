"""A folder of this machine as a project: what a push of it would bring, and what would be built of it."""

import subprocess
from pathlib import Path

import msgspec

from wisehosting_client.api import Json
from wisehosting_client.errors import Refused
from wisehosting_stacks import BuildSettings, NotDetected, Tree
from wisehosting_stacks.app_file import SettingsRefused
from wisehosting_stacks.decide import Decision, decide
from wisehosting_stacks.folder import tree_of


def tree_in(folder: Path) -> Tree:
    """The files that Git would carry: what it ignores stays out. All files where there is no Git."""
    tree = tree_of(folder)
    listed = _listed(folder)
    return tree if listed is None else Tree(tree.paths & listed, tree.text)


def _listed(folder: Path) -> frozenset[str] | None:
    argv = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return frozenset(done.stdout.decode("utf-8", "surrogateescape").split("\0")) - {""}


def decided(tree: Tree, settings: BuildSettings) -> Decision:
    """Decide as the builder would. Raises Refused with the sentence that a deployment would fail with."""
    try:
        return decide(tree, settings)
    except NotDetected as error:
        raise Refused(0, "not_detected", str(error), "wh plan --help") from error
    except SettingsRefused as error:
        raise Refused(0, "settings_refused", str(error), "wh plan --help") from error


def told(decision: Decision) -> Json:
    """A decision in the API's form of a plan; a folder has no commit."""
    found = decision.plan
    return {
        "commit": None,
        "subject": None,
        "way": str(decision.way),
        "name": decision.name,
        "settings_file": decision.from_file,
        "file": msgspec.structs.asdict(decision.said),
        "plan": None
        if found is None
        else {
            "stack": str(found.stack),
            "framework": found.framework,
            "version": found.version.taken,
            "summary": found.summary,
            "found": [f"{one.what} ({one.where})" if one.where else one.what for one in found.found],
            "notes": list(found.notes),
            "install": found.install,
            "build": found.build,
            "start": list(found.start),
            "port": found.port,
            "images": list(found.images),
            "containerfile": found.containerfile,
            "files": found.files,
        },
    }
