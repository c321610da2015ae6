"""One real `./dev up` for all faults, and apps that are made for them."""

from collections.abc import Iterator

import pytest
from faults.parts import STATE, Parts
from running import Platform, started


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with started(STATE, port=17400, apps_port=18480) as found:
        yield found


@pytest.fixture(scope="module")
def parts(platform: Platform) -> Parts:
    return Parts(platform)
