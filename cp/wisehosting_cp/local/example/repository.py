"""Commits the packaged example into a bare repository of the state folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from wisehosting_cp.local.errors import PartFailed

APP = Path(__file__).parent / "hello"
NAME = "hello.git"
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "WiseHosting",
    "GIT_AUTHOR_EMAIL": "example@localhost",
    "GIT_COMMITTER_NAME": "WiseHosting",
    "GIT_COMMITTER_EMAIL": "example@localhost",
}


def ensure_repository(folder: Path, owner: pwd.struct_passwd) -> Path:
    """Make `hello.git` with the packaged example below `folder`, owned by `owner`.

    A second call changes nothing, so what was pushed to it stays. Raises PartFailed.
    """
    bare = folder / NAME
    if not (bare / "HEAD").exists():
        partial = folder / f".{NAME}"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(bare, ignore_errors=True)
        _git(["init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(partial)])
        partial.rename(bare)
        _commit(bare)
    for path in (folder, bare, *bare.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return bare


def _commit(bare: Path) -> None:
    with tempfile.TemporaryDirectory(dir=bare.parent) as scratch:
        index = {"GIT_INDEX_FILE": f"{scratch}/index"}
        _git(["--git-dir", str(bare), "--work-tree", str(APP), "add", "--all", "."], index, cwd=APP)
        tree = _git(["--git-dir", str(bare), "write-tree"], index)
        commit = _git(["--git-dir", str(bare), "commit-tree", "-m", "Say hello.", tree])
        _git(["--git-dir", str(bare), "update-ref", "refs/heads/main", commit])


def _git(argv: list[str], more: dict[str, str] | None = None, *, cwd: Path = Path("/")) -> str:
    ran = subprocess.run(
        ["git", *argv], check=False, capture_output=True, text=True, env=ENVIRONMENT | (more or {}), cwd=cwd
    )
    if ran.returncode:
        raise PartFailed("The example repository could not be made.", ran.stderr)
    return ran.stdout.strip()
