"""git's command line: the settings, the environment, and what its answers mean."""

import os
import re
from pathlib import Path

from wisehosting_git import process
from wisehosting_git.address import Repository
from wisehosting_git.errors import SandboxUnavailable
from wisehosting_git.outcome import explain, ran_over_limits
from wisehosting_git.process import Account, Limits, Outcome

FETCHED = "refs/wisehosting/fetched"
"""What was fetched, whatever it is called at its origin."""
SETTINGS_BYTES = 256 * 1024
"""A repository's own file of settings is smaller."""
_OLDEST = (2, 37)
"""First git that pins addresses (http.curloptResolve); an older one would ignore it without a word."""

SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=true",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
    "core.deltaBaseCacheLimit=64m",
    "core.bigFileThreshold=16m",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",
    "filter.lfs.smudge=",
    "filter.lfs.required=false",
    "gc.auto=0",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "http.proxy=",
    "init.defaultBranch=main",
    "maintenance.auto=false",
    "pack.threads=1",
    "index.threads=1",
    "protocol.version=2",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
)


class Git:
    """git with one folder, one address and one set of settings."""

    def __init__(
        self, account: Account, limits: Limits, folder: Path, repository: Repository, settings: list[str]
    ) -> None:
        self.folder = folder
        self._account = account
        self._limits = limits
        self._repository = repository
        self._settings = [piece for setting in settings for piece in ("-c", setting)]
        self._environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "LC_ALL": "C",
            "TMPDIR": str(folder),
            "GIT_ALLOW_PROTOCOL": repository.scheme,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }

    async def __call__(self, *arguments: str, wanted: str) -> bytes:
        """Run git towards the server; its stdout. Raises GitError with what its complaint means."""
        outcome = await self._run(*arguments)
        if outcome.status == 0:
            return outcome.stdout
        if ran_over_limits(outcome.stderr):
            raise process.too_large(self._limits)
        raise explain(outcome.stderr, self._repository.url, wanted)

    async def local(self, *arguments: str) -> bytes:
        """Run git on what was fetched; its stdout. Raises GitError(repository_too_large) or SandboxUnavailable."""
        outcome = await self._run(*arguments, output_limit=process.LISTING_LIMIT)
        if outcome.status == 0:
            return outcome.stdout
        if ran_over_limits(outcome.stderr):
            raise process.too_large(self._limits)
        raise SandboxUnavailable(
            f"git could not write the checkout: {outcome.stderr.strip()[:500] or outcome.status}. "
            f"Is {self.folder.parent} open (o+x) to the git user, and is there space? Run: df -h {self.folder.parent}"
        )

    def make_folder(self, folder: Path) -> None:
        """Make a folder that belongs to the git user."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._account.switch:
            os.chown(folder, self._account.uid, self._account.gid)

    async def version(self) -> Outcome:
        """What `git --version` says, run as everything else is."""
        return await self._run("--version")

    async def fetch(self, url: str, wanted: str, depth: int = 1) -> None:
        """Fetch one ref or commit to a ref of our own."""
        where = ("--git-dir", str(self.folder / "repository.git"))
        shape = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", f"--depth={depth}")
        await self(
            *where, "fetch", *shape, "--", url, f"+{wanted}:{FETCHED}", wanted=wanted.removeprefix("refs/heads/")
        )

    async def settings_of(self, store: Path, name: str) -> bytes:
        """A file of the fetched commit in the form of git's settings, as `git config --list -z`; empty when it is not there."""
        listed = await self.local("--git-dir", str(store), "ls-tree", "-l", "-z", FETCHED, "--", name)
        size = listed.partition(b"\t")[0].rsplit(b" ", 1)[-1]
        if not listed.startswith((b"100644 ", b"100755 ")) or int(size) > SETTINGS_BYTES:
            return b""
        outcome = await self._run(
            "--git-dir", str(store), "config", "--blob", f"{FETCHED}:{name}", "--no-includes", "--list", "-z"
        )
        return outcome.stdout if outcome.status == 0 else b""

    async def _run(self, *arguments: str, output_limit: int = process.OUTPUT_LIMIT) -> Outcome:
        return await process.run(
            [*self._settings, *arguments],
            account=self._account,
            limits=self._limits,
            folder=self.folder,
            environment=self._environment,
            output_limit=output_limit,
        )


async def check_version(git: Git) -> None:
    """Refuse a git that would ignore the pinned address. Raises SandboxUnavailable."""
    outcome = await git.version()
    version = re.search(rb"(\d+)\.(\d+)", outcome.stdout)
    if outcome.status or version is None:
        raise SandboxUnavailable(
            f"git does not start as its own user: {outcome.stderr.strip()[:300] or outcome.status}. "
            f"{git.folder.parent} must be open (o+x) to that user. Is git installed? Run: apt-get install git"
        )
    if (int(version[1]), int(version[2])) < _OLDEST:
        raise SandboxUnavailable(f"git {version[0].decode()} cannot pin addresses. Install git 2.37 or newer.")
