"""`podman build` of one context: contained, live, and judged by its id file, never by its exit code alone."""

import asyncio
import contextlib
import os
import re
import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from wisehosting_agent.build import command
from wisehosting_agent.build.cache import BUILDS, KEYS, OURS
from wisehosting_agent.build.cgroup import BuildCgroup
from wisehosting_agent.build.containerfile import caches
from wisehosting_agent.build.context import RESERVED, Context
from wisehosting_agent.build.flatten import Flattener
from wisehosting_agent.build.folders import release_mounts, remove_tree
from wisehosting_agent.build.instructions import Instructions
from wisehosting_agent.build.order import settings_first
from wisehosting_agent.build.packages import PackageCaches
from wisehosting_agent.build.port import PLATFORM, Line
from wisehosting_agent.build.steps import Steps, ending, shown, without_folders
from wisehosting_agent.build.storage import Store
from wisehosting_agent.build.working import remove_working
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.depth import link_layers
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.networks import ensure_build_network
from wisehosting_wire.facts import BuildReport
from wisehosting_wire.workload import BuildSpec

_log = structlog.get_logger(__name__)
STEP = re.compile(r"^(?:\[\d+/\d+\] )?STEP \d+/\d+: (.*)")
"""Podman counts per stage, and what we put in is counted too: its numbers are not shown."""
LAYER = re.compile(r"--> (?:Using cache )?([0-9a-f]{6,64})")
MOST_IMAGES = 1000
"""Steps that are remembered; what a step writes may look like an id as well, and has no end."""
CACHED = "--> Using cache"
COMMIT = re.compile(rf"(?:\[\d+/\d+\] )?COMMIT {re.escape(OURS)}")
STATUS = re.compile(r"exit status (\d+)|exited with (?:code )?(\d+)")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUNDLE_ARGUMENTS = "ARG " + " ".join(
    f"{name}={BUNDLE}" for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
)
"""One instruction: each one costs a working container of its own."""
DISK_SECONDS = 1.0
LINE_LIMIT = 1024 * 1024
PIPE_SECONDS = 5.0


class Attempt(msgspec.Struct, kw_only=True):
    """What one run of `podman build` said."""

    step: int = 0
    """Counted over all stages."""
    steps: int = 0
    instruction: str = ""
    stack: str = ""
    """What was detected, when nobody wrote the Containerfile."""
    timed: Steps = msgspec.field(default_factory=Steps)
    hidden: bool = False
    """What is said belongs to an instruction that the Containerfile does not have, or to the names an image gets."""
    tail: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=60))
    disk_full: bool = False
    images: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=MOST_IMAGES))
    """Ids, some of them short, of what each step made or found: the next build begins from them."""


class ImageBuild:
    """One build in one team's store. The caller holds the store: its working containers are this build's."""

    def __init__(self, host: PodmanHost, packages: PackageCaches, spec: BuildSpec, line: Line, work: Path) -> None:
        self._host = host
        self._packages = packages
        self._spec = spec
        self._line = line
        self._work = work
        self._team = spec.environment.team
        self.cgroup = BuildCgroup(spec.build, host.settings.number)
        self._contained = False
        self._kept: Path | None = None
        """Package caches of the project, which this build writes as well."""
        self.made: deque[str] = deque(maxlen=MOST_IMAGES)
        """Images of the steps that are done, of all stages."""
        self._finished = False
        """Podman ended by itself, with an image."""
        self.report = BuildReport()
        """Of a build that succeeded."""

    async def run(self, context: Context, wanted: Instructions, key: str, variables: Mapping[str, str]) -> str:
        """Build and return the image id. Raises WorkFailed. Nothing of it is left behind, whatever the outcome."""
        limits = self._spec.limits
        stack = wanted.plan.stack if wanted.plan is not None else ""
        said = Attempt(steps=wanted.containerfile.steps, stack=stack, images=self.made)
        try:
            self._contain()
            await ensure_build_network(self._host)
            stores = self._host.stores
            await asyncio.to_thread(link_layers, stores.team(self._team), [stores.bases])
            archive = self._work / "context.tar"
            text = self._with_bundle(settings_first(wanted.containerfile.text))
            await asyncio.to_thread(_write_context, context, archive, text, wanted.files)
            temporary = self._temporary()
            self._kept = self._packages.open(
                self._team, self._spec.packages, caches(wanted.containerfile.text), temporary
            )
            argv = self._argv(key, wanted.target, self._secrets(variables))
            try:
                async with asyncio.timeout(limits.seconds):
                    status = await self._podman(argv, archive, said)
            except TimeoutError as error:
                raise WorkFailed(
                    Reason.build_out_of_time,
                    f"The build took longer than {limits.seconds / 60:.3g} minutes{_at(said)} and was stopped.",
                ) from error
            image = self._iid()
            if image is None:
                raise self._failure(status, said)
            image = await self._of_few_layers(image, self._names(key))
            self.report = said.timed.report()
            self._finished = True
            return image
        except WorkFailed as error:
            if not error.report.failed_step:
                error.report = said.timed.failed(said.tail, said.stack)
            raise
        finally:
            await asyncio.shield(self.clean())

    async def clean(self) -> None:
        """Kill what runs, remove working containers, mounts, cgroup and temporary files. A second run finds nothing."""
        await asyncio.to_thread(self.cgroup.kill)
        if not self._finished or Store(self._host.stores.team(self._team)).containers:
            # Also without any: a podman that was killed leaves its storage mounted, and the next one takes it away.
            await remove_working(self._host, self._team)
        await asyncio.to_thread(self.cgroup.remove)
        await asyncio.to_thread(release_mounts, self._work)
        await asyncio.to_thread(remove_tree, self._work)
        if self._kept is not None:
            await self._settle()

    async def _settle(self) -> None:
        self._kept = None
        try:
            size = await self._packages.settle(self._team, self._spec.packages)
        except (OSError, command.CommandFailed) as error:
            _log.warning("package_cache_not_measured", detail=str(error))
            return
        if size is not None:
            limit = self._host.settings.package_cache_bytes
            self._line(
                f"The package caches of this project had grown to {size / 1024**3:.3g} GB, more than their "
                f"{limit / 1024**3:.3g} GB. They were emptied: the next build fetches its packages again.",
                PLATFORM,
                0,
            )

    def _temporary(self) -> Path:
        """The build's own TMPDIR. The steps' mapped root must reach its root file system through these folders."""
        self._work.chmod(0o711)
        temporary = self._work / "tmp"
        temporary.mkdir(mode=0o711)
        return temporary

    def _contain(self) -> None:
        try:
            self.cgroup.create(self._spec.limits)
            self._contained = True
        except OSError as error:
            if self._host.settings.limits == "enforced":
                raise WorkFailed(
                    Reason.worker_error,
                    f"This worker could not limit the build ({error}). Tell the operator; nothing was run.",
                ) from error

    def _argv(self, key: str, target: str, secrets: list[str]) -> list[str]:
        limits = self._spec.limits
        argv = [*self._host.build_argv(self._team), "--cgroup-manager=cgroupfs", "build"]
        argv += self._host.build_isolation(self._team)
        argv += ["--layers", "--force-rm", "--pull=never", f"--iidfile={self._work / 'iid'}", f"--file={RESERVED}"]
        argv += [f"--tag={name}" for name in self._names(key)]
        if target:
            argv.append(f"--target={target}")
        if self._contained:
            memory = limits.memory_bytes
            argv += [f"--cgroup-parent={self.cgroup.parent}", f"--memory={memory}", f"--memory-swap={memory}"]
        if (bundle := self._host.settings.build_ca_bundle) is not None:
            argv += [f"--volume={bundle}:{BUNDLE}:ro"]
        return [*argv, *secrets, "-"]

    def _names(self, key: str) -> list[str]:
        return [f"{KEYS}:{key}", f"{BUILDS}{self._spec.environment.project}:{self._spec.build[-12:]}"]

    async def _of_few_layers(self, image: str, names: list[str]) -> str:
        """The image, or one of one layer where instances could not stack its own."""
        flattener = Flattener(self._host, self._team)
        count = await flattener.layers(image)
        if count <= flattener.most:
            return image
        self.made.append(image)
        joined = await flattener.join(image, names, self._work, self._spec.limits.seconds)
        self._line(
            f"The image had {count} layers, and an instance can stack {flattener.most}: they were joined into one. "
            "With fewer RUN, COPY and ADD steps, what did not change is stored only once.",
            PLATFORM,
            0,
        )
        return joined

    def _with_bundle(self, text: str) -> str:
        """Tell package managers where the network's own CA is, in every stage that runs something; build arguments do not stay."""
        if self._host.settings.build_ca_bundle is None:
            return text
        rows: list[str] = []
        told = False
        for row in text.splitlines(keepends=True):
            if row.startswith("FROM "):
                told = False
            elif row.startswith("RUN ") and not told:
                rows.append(f"{BUNDLE_ARGUMENTS}\n")
                told = True
            rows.append(row)
        return "".join(rows)

    def _secrets(self, variables: Mapping[str, str]) -> list[str]:
        folder = self._work / "secrets"
        folder.mkdir(mode=0o700)
        options = []
        for number, (name, value) in enumerate(sorted(variables.items())):
            path = folder / str(number)
            path.write_text(value)
            options.append(f"--secret=id={name},src={path}")
        return options

    async def _podman(self, argv: list[str], archive: Path, said: Attempt) -> int:
        environment = {**self._host.build_env(self._team), "TMPDIR": str(self._work / "tmp")}
        (self._work / "empty").mkdir()
        with archive.open("rb") as stdin:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=stdin,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                cwd=self._work / "empty",
                start_new_session=True,
                limit=LINE_LIMIT,
                preexec_fn=self.cgroup.enter if self._contained else None,
            )
        watch = asyncio.create_task(self._watch_disk(said))
        try:
            await asyncio.gather(self._read(process.stdout, 0, said), self._read(process.stderr, 1, said))
            return await process.wait()
        finally:
            watch.cancel()
            await asyncio.to_thread(self.cgroup.end)
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
                await process.wait()
            await _to_the_end(process.stdout, process.stderr)

    async def _read(self, stream: asyncio.StreamReader | None, number: int, said: Attempt) -> None:
        while stream is not None:
            try:
                row = await stream.readline()
            except ValueError:
                continue
            if not row:
                return
            said_by_podman = row.decode("utf-8", "replace").rstrip("\r\n")
            text = without_folders(said_by_podman) if number else told(said_by_podman, said)
            if text is None:
                continue
            said.tail.append(text)
            self._line(text, number, said.step)

    async def _watch_disk(self, said: Attempt) -> None:
        """Stop the build when it has written more than its budget: what the disk lost, confirmed by what was written."""
        budget = self._spec.limits.disk_bytes
        store = self._host.stores.team(self._team)
        free = shutil.disk_usage(store).free
        before = {path.name for path in (store / "overlay").glob("*")}
        kept = [self._kept] if self._kept is not None else []
        budget += await asyncio.to_thread(_size, kept)
        while True:
            await asyncio.sleep(DISK_SECONDS)
            if free - shutil.disk_usage(store).free <= budget:
                continue
            written = [path for path in (store / "overlay").glob("*") if path.name not in before]
            if await asyncio.to_thread(_size, [*(path / "diff" for path in written), *kept, self._work]) > budget:
                said.disk_full = True
                await asyncio.to_thread(self.cgroup.end)
                return

    def _iid(self) -> str | None:
        try:
            return (self._work / "iid").read_text().strip().removeprefix("sha256:") or None
        except FileNotFoundError:
            return None

    def _failure(self, status: int, said: Attempt) -> WorkFailed:
        limits = self._spec.limits
        told = "\n".join(said.tail)
        if not said.disk_full and "No space left on device" in told:
            free = shutil.disk_usage(self._host.root).free // 1024**2
            return WorkFailed(
                Reason.build_out_of_disk,
                f"This worker's disk was full{_at(said)}; {free} MB are free now that the build's files are gone. "
                "Make the build write less, or let the operator free space on the worker.",
            )
        if said.disk_full:
            size = f"{limits.disk_bytes / 1024**3:.3g} GB"
            return WorkFailed(
                Reason.build_out_of_disk, f"The build wrote more than its {size} of disk{_at(said)} and was stopped."
            )
        if self._contained and self.cgroup.out_of_memory():
            size = f"{limits.memory_bytes / 1024**3:.3g} GB"
            return WorkFailed(
                Reason.build_out_of_memory, f"The build needed more than its {size} of memory{_at(said)}."
            )
        found = [match[1] or match[2] for row in said.tail for match in STATUS.finditer(row)]
        code = int(found[-1]) if found else status
        report = said.timed.failed(said.tail, said.stack, code)
        return WorkFailed(
            Reason.build_failed, f"The build ended with exit code {code}{_at(said)}.{ending(report)}", report
        )


async def _to_the_end(*streams: asyncio.StreamReader | None) -> None:
    """Read what nobody listens to any more: a pipe of a program that is dead is only closed when it was read to its end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PIPE_SECONDS):
            for stream in streams:
                while stream is not None and await stream.read(LINE_LIMIT):
                    pass


def told(text: str, said: Attempt) -> str | None:
    """What people are shown of a line of Podman's, None for nothing: steps counted over all stages, no ids, no names of ours."""
    if step := STEP.match(text):
        said.hidden = step[1] == BUNDLE_ARGUMENTS
        said.timed.end()
        if said.hidden:
            return None
        said.step += 1
        said.instruction = step[1]
        said.timed.begin(said.step, step[1])
        return f"STEP {said.step}/{said.steps}: {step[1]}"
    if COMMIT.match(text):
        said.hidden = True
    if layer := LAYER.fullmatch(text):
        said.images.append(layer[1])
    if said.hidden or (layer and not text.startswith(CACHED)):
        return None
    if text.startswith(CACHED):
        said.timed.found_done()
        return CACHED
    return text


def _at(said: Attempt) -> str:
    return f" in step {said.step} ({shown(said.instruction)[:120]})" if said.step else ""


def _write_context(context: Context, archive: Path, text: str, files: Mapping[str, str]) -> None:
    with archive.open("wb") as out:
        context.write(out, text, files)


def _size(paths: list[Path]) -> int:
    """Bytes on disk below these folders, each on its own file system: what is mounted there was not written there."""
    total = 0
    for top in paths:
        for folder, folders, names in os.walk(top):
            folders[:] = [name for name in folders if not os.path.ismount(Path(folder, name))]
            for name in names:
                with contextlib.suppress(OSError):
                    total += (Path(folder) / name).lstat().st_blocks * 512
    return total
