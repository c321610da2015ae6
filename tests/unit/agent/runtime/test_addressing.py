"""Subnets of one platform never overlap."""

from pathlib import Path

from wisehosting_agent.runtime import addressing
from wisehosting_agent.settings import Settings


def test_environments_builds_probe_and_podmans_default_have_subnets_of_their_own() -> None:
    settings = Settings(name="w", state_dir=Path("/nowhere"), control_plane="https://127.0.0.1:1")
    last = addressing.environments(settings) - 1
    subnets = [
        addressing.subnet(settings, 0),
        addressing.subnet(settings, last),
        addressing.default_subnet(settings),
        addressing.probe_subnet(settings),
        addressing.build_subnet(settings),
    ]
    assert len(set(subnets)) == len(subnets)
    assert all(subnet.subnet_of(settings.subnet_pool) for subnet in subnets)
