"""What was vetted, built by real Podman: mounts give what they say, and neither host nor platform is seen in a step."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from podmachine import TEAM, Machine

from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.context import RESERVED, Context
from wisehosting_agent.runtime.networks import ensure_build_network

pytestmark = pytest.mark.anyio

TEXT = """\
ARG VERSION=3.13
ARG BASE=localhost/wisehosting/python:$VERSION
FROM $BASE AS parts
RUN mkdir -p /tmp/made && echo made > /tmp/made/it
FROM ${BASE}
COPY . /tmp/app/
RUN --mount=type=bind,source=folder/bound,target=/tmp/app/file --mount=type=bind,from=parts,target=/mnt \\
    # a comment in between
    --mount=type=cache,id=../../../../../../../../etc,target=/srv --mount=type=tmpfs,target=/media \\
    cd /tmp/app && test ! -e .wisehosting.containerfile && test ! -e .containerignore && test ! -e left-out && test -L link \\
    && test "$(cat file)" = bound && test "$(cat /mnt/tmp/made/it)" = made \\
    && test ! -e /srv/hostname && touch /media/x
CMD ["true"]
"""


async def test_a_vetted_containerfile_builds_and_no_mount_of_it_shows_the_host(
    machine: Machine, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "bound").write_text("bound")
    (root / "file").write_text("of the repository")
    (root / "left-out").write_text("x")
    (root / ".dockerignore").write_text("left-out\n")
    (root / "link").symlink_to("/etc")
    vetted = vet(TEXT)
    assert vetted.images == ("localhost/wisehosting/python:3.13",)
    done = await built(machine, root, vetted.text)
    assert done.returncode == 0, done.stdout + done.stderr


async def built(machine: Machine, root: Path, text: str) -> subprocess.CompletedProcess[str]:
    """The end of `podman build` of this folder, as the builder calls it."""
    archive = root.parent / "context.tar"
    with archive.open("wb") as out:
        Context.read(root, limit_bytes=1024**2).write(out, text, {})
    host = machine.host
    await ensure_build_network(host)
    argv = [*host.build_argv(TEAM), "build", *host.build_isolation(TEAM), "--pull=never", f"--file={RESERVED}", "-"]
    with archive.open("rb") as stdin:
        return await asyncio.to_thread(
            subprocess.run, argv, stdin=stdin, env=host.build_env(TEAM), text=True, capture_output=True, check=False
        )
