"""Checkout to image: the builder behind the port."""

import asyncio
import contextlib
import functools
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import msgspec

from wisehosting_agent.build import command
from wisehosting_agent.build.bases import Bases
from wisehosting_agent.build.cgroup import BuildCgroup, leftovers
from wisehosting_agent.build.containerfile import registry
from wisehosting_agent.build.context import Context, root_directory
from wisehosting_agent.build.disk import Disk, Turns
from wisehosting_agent.build.folders import release_mounts, remove_tree
from wisehosting_agent.build.image import ImageBuild
from wisehosting_agent.build.instructions import Instructions, asked_of, instructions
from wisehosting_agent.build.key import content_key
from wisehosting_agent.build.known import facts_of, image_facts, image_with_key
from wisehosting_agent.build.names import check_names
from wisehosting_agent.build.packages import PackageCaches
from wisehosting_agent.build.port import PLATFORM, Built, CheckedOut, Line, Progress
from wisehosting_agent.build.seen import Seen, SeenCommits
from wisehosting_agent.build.triggers import refuse_triggers
from wisehosting_agent.build.warm import Warm, release_bases
from wisehosting_agent.build.working import remove_working
from wisehosting_agent.errors import BaseUnavailable, WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime import networks
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings
from wisehosting_git import AddressPolicy, GitError, Limits, Sandbox, SandboxUnavailable
from wisehosting_git.network import resolve
from wisehosting_stacks import Offers
from wisehosting_wire.facts import BaseImage, BuildReport, ImageFacts
from wisehosting_wire.workload import BuildSpec

OURS = "localhost/wisehosting/"
PULL_SECONDS = 300
MOST_TRIES = 2
"""Other versions of a base that are tried: when nothing can be fetched at all, a build must not wait for each."""
OF_PODMAN = ("buildah*", "storage*", "podman*", "container_images_*", "libpod_*")
"""What Podman leaves in our own temporary folder when it is killed. In /var/tmp the same names are somebody else's."""
STARTED = time.time()
SCRATCH = Path("/var/tmp")  # noqa: S108 - mkdtemp below it, open to the git user


Tell: TypeAlias = Callable[[str], None]
"""Says a sentence in the build's log, as the platform."""


class Outcome(msgspec.Struct, frozen=True):
    """The image of one build, made or found."""

    image: ImageFacts
    key: str
    reused: bool
    report: BuildReport = BuildReport()


class PodmanBuilder:
    """git, podman build and mmdebstrap behind the port. One build at a time in a team's store."""

    def __init__(self, settings: Settings, host: PodmanHost, *, bases: Bases | None = None) -> None:
        self._settings = settings
        self._host = host
        self._bases = bases or Bases(settings, host)
        self._prefix = f"wisehosting-{settings.number}-build-"
        self._turns = Turns()
        self._packages = PackageCaches(host)
        self._warm = Warm(host)
        self._seen = SeenCommits(host.root / "seen")
        self.disk = Disk(host, self._turns, self._packages)

    async def run(self) -> None:
        """Make the base images that are missing; returns when all are there."""
        await self._bases.run()

    async def keep_bases_fresh(self) -> None:
        """Make base images anew when they are due and nothing is built."""
        await self._bases.keep_fresh(lambda: not self._turns.busy)

    def bases(self) -> list[BaseImage]:
        """Return the base images, made or being made."""
        return self._bases.statuses()

    async def build(
        self,
        spec: BuildSpec,
        variables: dict[str, str],
        line: Line,
        progress: Progress,
    ) -> Built:
        """Checkout to image. Raises WorkFailed with its reason. Cancelling the task kills everything and cleans up."""

        def tell(text: str) -> None:
            line(text, PLATFORM, 0)

        check_names(variables, spec.packages)
        await self.disk.make_room(tell)
        waits = functools.partial(tell, "The same commit is being built for another project; its image is waited for.")
        async with self._seen.turn(spec, variables, waits):
            return await self._one(spec, variables, line, progress)

    async def _one(self, spec: BuildSpec, variables: dict[str, str], line: Line, progress: Progress) -> Built:
        def tell(text: str) -> None:
            line(text, PLATFORM, 0)

        began = time.monotonic()
        seen = self._seen.find(spec, variables)
        if seen is not None:
            again = await self._again(spec, variables, seen, tell)
            if again is not None:
                key, facts = again
                await progress.checked_out(_known(spec, seen, time.monotonic() - began))
                if seen.instructions.plan is not None:
                    await progress.planned(seen.instructions.plan)
                return _told(Outcome(facts, key, reused=True), seen.instructions, began, tell)
        async with self._checkout(spec, tell, progress) as (tree, checked):
            began = time.monotonic()
            context, found, outcome = await self._made(spec, variables, tree, progress, line)
        named = msgspec.structs.replace(spec, source=msgspec.structs.replace(spec.source, commit=checked.commit))
        if not found.makeshift:
            self._seen.note(
                named,
                variables,
                Seen(subject=checked.subject, author=checked.author, digest=context.digest, instructions=found),
            )
        return _told(outcome, found, began, tell)

    async def _made(
        self, spec: BuildSpec, variables: dict[str, str], tree: Path, progress: Progress, line: Line
    ) -> tuple[Context, Instructions, "Outcome"]:
        """Decide and build. Where a plan's base cannot be made on this worker, decide again without that version."""

        def tell(text: str) -> None:
            line(text, PLATFORM, 0)

        offers = Offers()
        while True:
            context, found = await self._look(spec, variables, tree, offers)
            if found.plan is not None:
                await progress.planned(found.plan)
                for sentence in (found.plan.summary, *found.plan.notes):
                    tell(sentence)
            files = len(context.entries)
            size = max(1, round(context.bytes / 1024))
            tell(f"Building {found.name}: {files} {'file' if files == 1 else 'files'}, {size} KiB.")
            try:
                return context, found, await self._image(spec, variables, context, found, line, tell)
            except BaseUnavailable as error:
                fewer = offers.without_base(error.name.removeprefix(OURS), error.why)
                if found.plan is None or fewer is None or len(fewer.missing) > MOST_TRIES:
                    raise
                tell(f"{error.name} could not be made; another version is tried.")
                offers = fewer

    async def _look(
        self, spec: BuildSpec, variables: Iterable[str], tree: Path, offers: Offers
    ) -> tuple[Context, Instructions]:
        """Read a checkout and decide what is built. Raises WorkFailed."""
        root = root_directory(tree, spec.source.root_directory)
        asked, app = asked_of(root, spec.settings)
        context = await asyncio.to_thread(lambda: Context.read(root, limit_bytes=self._settings.checkout_limit_bytes))
        found = instructions(root, context, asked, app, frozenset(variables), offers)
        return context, msgspec.structs.replace(found, makeshift=bool(offers.missing))

    async def _again(
        self, spec: BuildSpec, variables: dict[str, str], seen: Seen, tell: Tell
    ) -> tuple[str, ImageFacts] | None:
        """Key and image of a commit that was built before; None when the image is gone, or other bases are there now."""
        team = spec.environment.team
        async with self._turns.build(team):
            bases = await self._bases_of(team, seen.instructions, tell)
            key = _key(spec, variables, seen.digest, seen.instructions, bases)
            image = image_with_key(self._host, team, key)
            facts = None if image is None else await asyncio.to_thread(facts_of, self._host, team, image)
        if facts is None:
            return None
        facts = msgspec.structs.replace(
            facts, bases={name: one for name, one in bases.items() if name.startswith(OURS)}
        )
        tell(f"Commit {spec.source.commit[:10]} was built before: its image is used again, without a checkout.")
        self.disk.found_again(team)
        return key, facts

    async def _image(
        self,
        spec: BuildSpec,
        variables: dict[str, str],
        context: Context,
        found: Instructions,
        line: Line,
        tell: Tell,
    ) -> "Outcome":
        """The image of a checkout: found by its key, or built."""
        team = spec.environment.team
        async with self._turns.build(team):
            bases = await self._bases_of(team, found, tell)
            key = _key(spec, variables, context.digest, found, bases)
            image = image_with_key(self._host, team, key)
            reused, report = image is not None, BuildReport()
            if image is None:
                work = Path(tempfile.mkdtemp(prefix=f"{self._prefix}{spec.build}-", dir=self._host.root / "tmp"))
                build = ImageBuild(self._host, self._packages, spec, line, work)
                try:
                    image = await build.run(context, found, key, variables)
                    report = build.report
                except BaseException:
                    self.disk.failed(team, [*build.made, *bases.values()])
                    raise
                self.disk.succeeded(spec, image, [*build.made, *bases.values()])
            else:
                tell("The same files, settings and bases were built before: that image is used again.")
                self.disk.found_again(team)
            facts = await asyncio.to_thread(facts_of, self._host, team, image)
        if facts is None:
            raise WorkFailed(Reason.worker_error, "The image was built and is not there. Deploy again.")
        facts = msgspec.structs.replace(
            facts, bases={name: one for name, one in bases.items() if name.startswith(OURS)}
        )
        return Outcome(facts, key, reused=reused, report=report)

    async def _bases_of(self, team: str, found: Instructions, tell: Tell) -> dict[str, str]:
        return {image: await self._base(team, image, tell, fresh=found.ready) for image in found.containerfile.images}

    @contextlib.asynccontextmanager
    async def _checkout(
        self, spec: BuildSpec, tell: Tell, progress: Progress
    ) -> AsyncIterator[tuple[Path, CheckedOut]]:
        source, began = spec.source, time.monotonic()
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=self._prefix, dir=SCRATCH))
        await asyncio.to_thread(folder.chmod, 0o711)
        sandbox = Sandbox(
            self._settings.git_user,
            Limits(seconds=self._settings.checkout_limit_seconds, bytes=self._settings.checkout_limit_bytes),
            allow_loopback=source.allow_loopback and self._settings.local,
            allow_networks=self._settings.network_allow,
        )
        try:
            tell(f"Checking out {source.branch} of {source.url}.")
            try:
                found = await sandbox.checkout(
                    source.url,
                    source.branch,
                    source.commit or None,
                    folder / "tree",
                    with_submodules=source.submodules,
                    large_files=source.large_files,
                )
            except GitError as error:
                raise WorkFailed(Reason(error.reason), error.detail) from error
            except SandboxUnavailable as error:
                raise WorkFailed(Reason.worker_error, str(error)) from error
            tell(f"Commit {found.commit[:10]}: {found.subject} ({found.author}).")
            checked = CheckedOut(
                commit=found.commit,
                subject=found.subject,
                author=found.author,
                seconds=time.monotonic() - began,
            )
            await progress.checked_out(checked)
            yield found.tree, checked
        finally:
            await asyncio.to_thread(remove_tree, folder)

    async def _base(self, team: str, image: str, tell: Tell, *, fresh: bool) -> str:
        """Image id behind a FROM. Ours are waited for, the team's own are looked up, others are pulled.

        `fresh` asks the registry also for one that is here: its name may stand for a newer one by now.
        """
        if image.startswith(OURS):
            base = await self._bases.wait(image, tell)
            await self._warm.take_over(team, image, base)
            return base
        known = await image_facts(self._host, team, image)
        if known is not None and not (fresh and not image.startswith("localhost/")):
            return await self._plain(team, known.image, image)
        if image.startswith("localhost/"):
            raise WorkFailed(
                Reason.base_image_missing, f"There is no image {image} on this worker. Correct the FROM line."
            )
        await self._check_registry(image)
        tell(f"Pulling {image}.")
        argv = [*self._host.build_argv(team), "pull", "--quiet", image]
        environment = self._host.build_env(team)
        try:
            await command.check(argv, f"pull {image}", environment=environment, seconds=PULL_SECONDS)
        except command.CommandFailed as error:
            raise WorkFailed(
                Reason.base_image_missing,
                f"The image {image} could not be fetched. Check its name, and that its registry can be reached from "
                f"here. {error.tail[-300:]}",
            ) from error
        pulled = await image_facts(self._host, team, image)
        if pulled is None:
            raise WorkFailed(
                Reason.base_image_missing, f"The image {image} was fetched and is not there. Deploy again."
            )
        return await self._plain(team, pulled.image, image)

    async def _plain(self, team: str, image_id: str, name: str) -> str:
        """The id of an image without instructions of its own for builds. Raises WorkFailed for one that has some."""
        store = self._host.stores.folder(self._host.stores.slot(team))
        await asyncio.to_thread(refuse_triggers, store, image_id, name)
        return image_id

    async def _check_registry(self, image: str) -> None:
        """Registries are reached from the host, so the tenant policy is applied here: public addresses only."""
        host, port = registry(image)
        policy = AddressPolicy(allow_networks=self._settings.network_allow)
        try:
            addresses = await resolve(host, port)
        except GitError as error:
            raise WorkFailed(
                Reason.base_image_missing, f"The registry {host} of {image} cannot be found. Correct the FROM line."
            ) from error
        if not all(policy.permits(address, port) for address in addresses):
            raise WorkFailed(
                Reason.base_image_missing,
                f"The registry {host} of {image} is at a private address. If that is meant, an operator can add "
                f"{addresses[0]}/{addresses[0].max_prefixlen}:{port} to network.allow.",
            )

    async def sweep(self) -> None:
        """After a crash: end and remove what builds left behind. A second run finds nothing."""
        number = self._settings.number
        for build in leftovers(number):
            cgroup = BuildCgroup(build, number)
            await asyncio.to_thread(cgroup.kill)
            await asyncio.to_thread(cgroup.remove)
        for team in self._host.stores.teams():
            await remove_working(self._host, team)
        await release_bases(self._host)
        temporary = self._host.root / "tmp"
        for parent in (temporary, SCRATCH):
            await asyncio.to_thread(_remove_folders, parent, [f"{self._prefix}*"])
        await networks.renew_build_network(self._host)
        # Base images are being imported meanwhile: what is younger than this process is theirs.
        await asyncio.to_thread(_remove_folders, temporary, OF_PODMAN, older_than=STARTED)


def _key(spec: BuildSpec, variables: dict[str, str], tree: str, found: Instructions, bases: dict[str, str]) -> str:
    return content_key(
        team=spec.environment.team,
        tree=tree,
        containerfile=found.containerfile.text,
        target=found.target,
        files=found.files,
        variables=variables,
        salt=spec.key_salt,
        bases=bases,
    )


def _known(spec: BuildSpec, seen: Seen, seconds: float) -> CheckedOut:
    return CheckedOut(commit=spec.source.commit, subject=seen.subject, author=seen.author, seconds=seconds)


def _told(outcome: Outcome, found: Instructions, began: float, tell: Tell) -> Built:
    """The build as the job's end has it; its figures in the log."""
    seconds, image = time.monotonic() - began, outcome.image
    tell(f"Image {image.image[:12]}, {image.size_bytes / 1024**2:.0f} MiB, in {seconds:.1f} s.")
    return Built(
        image=image,
        content_key=outcome.key,
        reused=outcome.reused,
        seconds=seconds,
        settings=found.app,
        report=outcome.report,
    )


def _remove_folders(parent: Path, patterns: Iterable[str], *, older_than: float = float("inf")) -> None:
    for folder in [path for pattern in patterns for path in parent.glob(pattern)]:
        with contextlib.suppress(FileNotFoundError):
            if folder.lstat().st_ctime < older_than:
                release_mounts(folder)
                remove_tree(folder)
