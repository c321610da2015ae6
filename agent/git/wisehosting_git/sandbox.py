"""The two questions asked of a repository: which commit is that ref, and give me that commit's tree."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import msgspec

from wisehosting_git import network, process, submodules
from wisehosting_git.address import Repository, check_commit, check_ref, is_commit
from wisehosting_git.command import FETCHED, SETTINGS, Git, check_version
from wisehosting_git.errors import BRANCH_GONE, EMPTY, TOO_LARGE, UNREACHABLE, GitError, SandboxUnavailable
from wisehosting_git.large_files import Server, endpoint, fetch, pointers
from wisehosting_git.placing import put_folder
from wisehosting_git.process import Account, Limits

HEAD = "HEAD"
DEEPEST = 5
"""Levels of submodules in submodules."""
MOST_REPOSITORIES = 100
"""In one checkout."""


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


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is fetched of a repository."""

    branch: str | None
    """None is the one that HEAD names."""
    commit: str | None


class _Fetched(msgspec.Struct, frozen=True):
    """One repository's commit, and what it says of others."""

    commit: str
    subject: str
    author: str
    tree: Path
    listed: bytes
    """`git ls-tree -r -l -z`."""
    settings: bytes
    """`.gitmodules`, as `git config --list -z`."""


class _Checkout:
    """All that one call writes."""

    def __init__(self, into: Path, *, large_files: bool) -> None:
        self.into = into
        self.large_files = large_files
        self.folders = 0

    def next_folder(self) -> Path:
        """The call's own folder for the first repository; a folder in it for each submodule."""
        self.folders += 1
        return self.into if self.folders == 1 else self.into / f"submodule-{self.folders - 1}"


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

    async def checkout(
        self,
        url: str,
        branch: str,
        commit: str | None,
        into: Path,
        *,
        with_submodules: bool = False,
        large_files: bool = False,
    ) -> Commit:
        """Fetch one commit (None: the newest of `branch`, which may also name a tag) and write its files below `into`.

        `into` must not exist, or be empty, and its parents must be open to the git user (`/var/tmp`).
        `with_submodules` puts theirs in their folders, and those of theirs; `large_files` those of Git LFS in the place of
        their pointers. The limits hold for all of it together. The caller removes `into`, also after an error.
        Raises GitError as ls_remote does.
        """
        repository = Repository.parse(url, allow_http=self._policy.allow_loopback)
        wanted = Wanted(branch=check_ref(branch), commit=check_commit(commit) if commit else None)
        async with self._deadline():
            whole = _Checkout(into, large_files=large_files)
            found = await self._one(repository, wanted, whole)
            if with_submodules:
                await self._submodules(repository, found, whole, depth=1)
        return Commit(commit=found.commit, subject=found.subject, author=found.author, tree=found.tree)

    async def _one(self, repository: Repository, wanted: "Wanted", whole: "_Checkout") -> "_Fetched":
        """One repository's commit in a folder of its own."""
        folder = whole.next_folder()
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        tree, store = folder / "tree", folder / "repository.git"
        where = ("--git-dir", str(store))
        async with self._open(folder, repository) as git:
            await git.local("init", "--quiet", "--bare", "--template=", "--", str(store))
            git.make_folder(tree)
            await self._fetch(git, repository, wanted)
            shown = await git.local(*where, "log", "-1", "--no-show-signature", "--format=%H%n%an%n%s", FETCHED, "--")
            found, author, subject = (*shown.decode("utf-8", "replace").split("\n"), "", "")[:3]
            if wanted.commit and found != wanted.commit:
                raise GitError(BRANCH_GONE, f"{repository.url} sent another commit than {wanted.commit}. Deploy again.")
            listed = await self._measure_tree(git, store)
            settings = await git.settings_of(store, ".gitmodules") if b"160000 " in listed else b""
            large = await git.settings_of(store, ".lfsconfig") if whole.large_files else b""
            write = ("-c", "core.bare=false", *where, "--work-tree", str(tree))
            await git.local(*write, "checkout", "--quiet", "--force", "--detach", FETCHED, "--")
            await asyncio.to_thread(shutil.rmtree, store)
        left = await self._room(whole)
        if whole.large_files:
            pointed = await asyncio.to_thread(pointers, tree)
            server = Server(
                policy=self._policy,
                resolve=self._resolve,
                ca_bundle=self._ca_bundle,
                allow_http=self._policy.allow_loopback,
            )
            await fetch(pointed, endpoint(repository, large), server, left, folder)
        return _Fetched(found, subject[:500], author[:200], tree, listed, settings)

    async def _submodules(self, parent: Repository, found: "_Fetched", whole: "_Checkout", depth: int) -> None:
        for one in submodules.parse(found.listed, found.settings):
            if depth > DEEPEST or whole.folders > MOST_REPOSITORIES:
                raise GitError(
                    TOO_LARGE,
                    f"There are more than {MOST_REPOSITORIES} submodules, or some of them lie deeper than {DEEPEST} levels. "
                    "Remove those that the build does not need.",
                )
            try:
                address = submodules.address(one.url, parent)
                repository = Repository.parse(address, allow_http=self._policy.allow_loopback)
                inner = await self._one(repository, Wanted(branch=None, commit=check_commit(one.commit)), whole)
                await self._submodules(repository, inner, whole, depth + 1)
                await asyncio.to_thread(put_folder, inner.tree, found.tree, one.path)
            except GitError as error:
                raise submodules.named(one.path, error) from error

    async def _room(self, whole: "_Checkout") -> int:
        """Bytes that are left of the limit. Raises GitError(repository_too_large) when none are."""
        size, files = await asyncio.to_thread(process.measure, whole.into)
        if size > self.limits.bytes or files > self.limits.files:
            raise process.too_large(self.limits)
        return self.limits.bytes - size

    async def _fetch(self, git: Git, repository: Repository, wanted: "Wanted") -> None:
        try:
            await git.fetch(repository.url, wanted.commit or (f"refs/heads/{wanted.branch}" if wanted.branch else HEAD))
        except GitError as exc:
            if exc.reason != BRANCH_GONE:
                raise
            await self._second_try(git, repository, wanted, exc)

    async def _second_try(self, git: Git, repository: Repository, wanted: "Wanted", first: GitError) -> None:
        """Perhaps it is a tag; and some servers give single commits only as part of a branch. Else say what is gone."""
        branch, commit = wanted.branch or HEAD, wanted.commit
        named = HEAD
        if wanted.branch:
            refs, _ = _parse_refs(await git("ls-remote", "--", repository.url, wanted=wanted.branch))
            found = next((name for name in _candidates(wanted.branch) if name in refs), None)
            if found is None:
                raise _missing(repository.url, wanted.branch, refs) from first
            named = found
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

    async def _measure_tree(self, git: Git, store: Path) -> bytes:
        """List the tree, and sum the sizes it claims before anything is written: a small pack may unfold to terabytes."""
        listed = await git.local("--git-dir", str(store), "ls-tree", "-r", "-l", "-z", "--full-tree", FETCHED)
        sizes = [row.split(b"\t", 1)[0].rsplit(b" ", 1)[-1] for row in listed.split(b"\0") if row]
        if len(sizes) > self.limits.files or sum(int(size) for size in sizes if size.isdigit()) > self.limits.bytes:
            raise process.too_large(self.limits)
        return listed

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
