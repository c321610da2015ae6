"""The two questions asked of a repository: which commit is that ref, and give me that commit's tree."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import msgspec

from wisehosting_git import network, process
from wisehosting_git.address import Repository, check_commit, check_ref, is_commit
from wisehosting_git.command import FETCHED, SETTINGS, Git, check_version
from wisehosting_git.errors import BRANCH_GONE, EMPTY, UNREACHABLE, GitError, SandboxUnavailable
from wisehosting_git.process import Account, Limits

HEAD = "HEAD"


class Ref(msgspec.Struct, frozen=True, kw_only=True):
    """A ref and the commit it names."""

    name: str
    """Full name, such as refs/heads/main; a commit id names itself."""
    commit: str


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """A checked-out commit."""

    commit: str
    subject: str
    author: str
    tree: Path
    """Folder with the files, without .git. Symbolic links in it are the repository's: never follow them."""


class Sandbox:
    """git under its own user, towards checked addresses, within limits.

    `user` None runs it as the caller, who must not be root. `allow_networks` is the operator's list
    (`10.1.2.3/32:443`); `allow_loopback` also allows plain http and is for local mode.
    """

    def __init__(
        self,
        user: str | None,
        limits: Limits | None = None,
        *,
        allow_loopback: bool = False,
        allow_networks: Iterable[str] = (),
        ca_bundle: Path | None = None,
        resolve: network.Resolve = network.resolve,
    ) -> None:
        self._user = user
        self.limits = limits or Limits()
        self._policy = network.AddressPolicy(allow_loopback=allow_loopback, allow_networks=allow_networks)
        self._ca_bundle = ca_bundle
        self._resolve = resolve
        self._supported = False

    async def ls_remote(self, url: str, ref: str = HEAD) -> Ref:
        """The commit a branch, tag or HEAD names now; a full commit id is returned as it is, unasked.

        Raises GitError with reason repository_unreachable, _not_found, _private, _empty, _too_large or branch_gone.
        """
        repository = Repository.parse(url, allow_http=self._policy.allow_loopback)
        if is_commit(ref):
            return Ref(name=ref, commit=ref)
        names = [HEAD] if ref == HEAD else _candidates(check_ref(ref))
        with tempfile.TemporaryDirectory(prefix="wisehosting-git-", dir="/var/tmp") as folder:
            async with self._deadline(), self._open(Path(folder), repository) as git:
                out = await git("ls-remote", "--symref", "--", repository.url, *names, wanted=ref)
                found, default = _parse_refs(out)
                for name in names:
                    if name in found:
                        # An annotated tag is listed twice; name^{} is the commit it stands for.
                        commit = found.get(f"{name}^{{}}", found[name])
                        return Ref(name=default or name if name == HEAD else name, commit=commit)
                anything, _ = _parse_refs(await git("ls-remote", "--", repository.url, wanted=ref))
        raise _missing(url, ref, anything)

    async def checkout(self, url: str, branch: str, commit: str | None, into: Path) -> Commit:
        """Fetch one commit (None: the newest of `branch`, which may also name a tag) and write its files below `into`.

        `into` must not exist, or be empty, and its parents must be open to the git user (`/var/tmp`).
        The caller removes it, also after an error. Raises GitError as ls_remote does.
        """
        repository = Repository.parse(url, allow_http=self._policy.allow_loopback)
        branch_ref = f"refs/heads/{check_ref(branch)}"
        wanted = check_commit(commit) if commit else branch_ref
        await asyncio.to_thread(into.mkdir, mode=0o700, parents=True, exist_ok=True)
        tree, store = into / "tree", into / "repository.git"
        async with self._deadline(), self._open(into, repository) as git:
            await git.local("init", "--quiet", "--bare", "--template=", "--", str(store))
            git.make_folder(tree)
            try:
                await git.fetch(repository.url, wanted)
            except GitError as exc:
                if exc.reason != BRANCH_GONE:
                    raise
                await self._second_try(git, repository, branch, commit, exc)
            where = ("--git-dir", str(store))
            shown = await git.local(*where, "log", "-1", "--no-show-signature", "--format=%H%n%an%n%s", FETCHED, "--")
            found, author, subject = (*shown.decode("utf-8", "replace").split("\n"), "", "")[:3]
            if commit and found != commit:
                raise GitError(BRANCH_GONE, f"{url} sent another commit than {commit}. Deploy again.")
            await self._measure_tree(git, store)
            write = ("-c", "core.bare=false", *where, "--work-tree", str(tree))
            await git.local(*write, "checkout", "--quiet", "--force", "--detach", FETCHED, "--")
            await asyncio.to_thread(shutil.rmtree, store)
        size, files = await asyncio.to_thread(process.measure, into)
        if size > self.limits.bytes or files > self.limits.files:
            raise process.too_large(self.limits)
        return Commit(commit=found, subject=subject[:500], author=author[:200], tree=tree)

    async def _second_try(
        self, git: Git, repository: Repository, branch: str, commit: str | None, first: GitError
    ) -> None:
        """Perhaps it is a tag; and some servers give single commits only as part of a branch. Else say what is gone."""
        refs, _ = _parse_refs(await git("ls-remote", "--", repository.url, wanted=branch))
        named = next((name for name in _candidates(branch) if name in refs), None)
        if named is None:
            raise _missing(repository.url, branch, refs) from first
        if commit is None:
            await git.fetch(repository.url, named)
            return
        await git.fetch(repository.url, named, depth=200)
        where = ("--git-dir", str(git.folder / "repository.git"))
        try:
            await git.local(*where, "update-ref", FETCHED, commit)
        except SandboxUnavailable as exc:
            raise GitError(
                BRANCH_GONE,
                f"Commit {commit[:12]} is no longer on {branch} of {repository.url} (was it overwritten?). "
                "Deploy the branch's newest commit instead.",
            ) from exc

    async def _measure_tree(self, git: Git, store: Path) -> None:
        """Sum the sizes that the tree claims before anything is written: a small pack may unfold to terabytes."""
        listed = await git.local("--git-dir", str(store), "ls-tree", "-r", "-l", "-z", "--full-tree", FETCHED)
        sizes = [row.split(b"\t", 1)[0].rsplit(b" ", 1)[-1] for row in listed.split(b"\0") if row]
        if len(sizes) > self.limits.files or sum(int(size) for size in sizes if size.isdigit()) > self.limits.bytes:
            raise process.too_large(self.limits)

    @contextlib.asynccontextmanager
    async def _deadline(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.limits.seconds):
                yield
        except TimeoutError as exc:
            raise GitError(
                UNREACHABLE,
                f"The repository did not arrive within {self.limits.seconds:g} s. Try again later; if it is large, "
                "move large files out of the branch.",
            ) from exc

    @contextlib.asynccontextmanager
    async def _open(self, folder: Path, repository: Repository) -> AsyncIterator[Git]:
        account = Account.of(self._user)
        if account.switch:
            os.chown(folder, account.uid, account.gid)
        addresses = await self._policy.pin(repository, self._resolve)
        pinned = ",".join(f"[{address}]" if address.version == 6 else str(address) for address in addresses)
        settings = [*SETTINGS]
        if ":" not in repository.host:
            settings.append(f"http.curloptResolve={repository.host}:{repository.port}:{pinned}")
        if self._ca_bundle is not None:
            settings.append(f"http.sslCAInfo={self._ca_bundle}")
        git = Git(account, self.limits, folder, repository, settings)
        if not self._supported:
            await check_version(git)
            self._supported = True
        yield git


def _candidates(ref: str) -> list[str]:
    if ref.startswith("refs/"):
        return [ref, f"{ref}^{{}}"]
    return [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}"]


def _parse_refs(out: bytes) -> tuple[dict[str, str], str | None]:
    """Refs by full name, and the branch HEAD stands for. Lines that are neither are not git's and are left out."""
    refs: dict[str, str] = {}
    default = None
    for line in out.decode("utf-8", "replace").splitlines():
        value, tab, name = line.partition("\t")
        if tab and name == HEAD and value.startswith("ref: refs/heads/"):
            default = value.removeprefix("ref: ")
        elif tab and is_commit(value):
            refs[name] = value
    return refs, default


def _missing(url: str, ref: str, refs: dict[str, str]) -> GitError:
    if not refs:
        return GitError(EMPTY, f"{url} has no commits yet. Push one, then deploy.")
    branches = sorted(name.removeprefix("refs/heads/") for name in refs if name.startswith("refs/heads/"))
    shown = ", ".join(branches[:5]) + (", …" if len(branches) > 5 else "")
    known = f" It has: {shown}." if branches else ""
    return GitError(BRANCH_GONE, f"There is no branch {ref} in {url}.{known} Change the project's branch, or push it.")
