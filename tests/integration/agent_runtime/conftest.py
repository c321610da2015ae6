"""One Podman for all that asks how contained containers and builds are."""

from collections.abc import AsyncIterator

import pytest
from podmachine import Machine, scratch, started

from wisehosting_agent.runtime.podman import PodmanRuntime


@pytest.fixture(scope="package")
async def machine() -> AsyncIterator[Machine]:
    with scratch("wh-test-isolation-") as folder:
        async with started(folder, 46) as machine:
            yield machine


@pytest.fixture(scope="package")
async def runtime(machine: Machine) -> AsyncIterator[PodmanRuntime]:
    runtime = PodmanRuntime(machine.host)
    try:
        yield runtime
    finally:
        for found in await runtime.containers():
            await runtime.remove(found.container)
        await runtime.close()
