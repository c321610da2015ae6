"""What stops `./dev up` on which machine, and the command that fixes it. The machine is plain data here."""

import ipaddress
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from wisehosting_cp.local.mirrors import Mirror
from wisehosting_cp.local.numbers import NUMBERS, plan
from wisehosting_cp.local.preflight import Finding, judge
from wisehosting_cp.local.world import LIMITS, World

PLAN = plan(0)
GOOD = World(
    root=True,
    distribution="debian 13",
    limits=LIMITS,
    runtimes=("crun", "runc"),
    nofile=1_048_576,
    memory=8 << 30,
    disk=100 << 30,
)

FATAL: list[tuple[str, dict[str, Any], str, str]] = [
    ("not root", {"root": False}, "as root", "sudo ./dev up"),
    ("packages", {"missing_packages": ("haproxy", "podman")}, "haproxy podman", "apt-get install haproxy podman"),
    (
        "no runtime works",
        {"runtimes": (), "limits": frozenset(), "refusals": ("crun does not: no cgroup.",)},
        "crun does not: no cgroup.",
        "apt-get install crun runc",
    ),
    ("limits not held", {"limits": frozenset({"cpu"})}, "memory, pids", "--limits reported"),
    ("few open files", {"nofile": 1024}, "1024 open files", "ulimit -n 16384"),
    ("little memory", {"memory": 200 << 20}, "200 MB", "ps -eo"),
    ("little disk", {"disk": 1 << 30}, "1.0 GB", "--state DIR"),
    ("apps port taken", {"holders": {8080: "nginx (process 7)"}}, "nginx (process 7)", "--apps-port 9080"),
    ("dashboard port taken", {"holders": {7000: "python3"}}, "the dashboard", "--port 8000"),
    ("a port beside it taken", {"holders": {7002: "python3"}}, "the mesh listener", "--port 8000"),
    (
        "overlapping network",
        {"networks": {"tun0": ipaddress.IPv4Network("10.0.0.0/8")}},
        "behind tun0",
        "--number 1",
    ),
]

NOTES: list[tuple[str, dict[str, Any], str]] = [
    ("another distribution", {"distribution": "ubuntu 24.04"}, "ubuntu 24.04"),
    ("runc because of cgroups", {"cgroups": "hybrid"}, "cgroups hybrid"),
    ("only runc works", {"runtimes": ("runc",), "refusals": ("crun does not: too old.",)}, "crun does not: too old."),
    ("private root mount", {"shared_mounts": False}, "made shared"),
    ("ids in use", {"subordinate_ids": (("ada", 1_000_000_000, 65536),)}, "/etc/subuid gives ada"),
    (
        "private package servers",
        {"mirrors": (Mirror("pypi.example.org", 443, ("10.1.2.3",)),)},
        "pypi.example.org:443",
    ),
]


def told(finding: Finding) -> str:
    return f"{finding.what} {finding.why} {finding.fix}"


def test_a_good_machine_has_nothing_to_say() -> None:
    verdict = judge(GOOD, PLAN)
    assert verdict.findings == ()
    assert verdict.runtime == "crun"


@pytest.mark.parametrize(("changed", "named", "fix"), [row[1:] for row in FATAL], ids=[row[0] for row in FATAL])
def test_what_is_missing_is_named_with_the_command_that_fixes_it(changed: dict[str, Any], named: str, fix: str) -> None:
    (finding,) = judge(replace(GOOD, **changed), PLAN).fatal
    assert named in told(finding)
    assert fix in finding.fix


@pytest.mark.parametrize(("changed", "named"), [row[1:] for row in NOTES], ids=[row[0] for row in NOTES])
def test_what_the_start_adapts_to_is_said_and_stops_nothing(changed: dict[str, Any], named: str) -> None:
    verdict = judge(replace(GOOD, **changed), PLAN)
    assert verdict.fatal == ()
    (note,) = verdict.notes
    assert named in told(note)


def test_runc_is_chosen_where_crun_would_refuse() -> None:
    assert judge(replace(GOOD, cgroups="hybrid"), PLAN).runtime == "runc"


def test_a_private_package_server_is_opened_for_its_port_only() -> None:
    mirrors = (Mirror("pypi.example.org", 443, ("10.1.2.3", "93.184.216.34")),)
    assert judge(replace(GOOD, mirrors=mirrors), PLAN).network_allow == ("10.1.2.3/32:443",)


def test_limits_that_are_only_reported_are_accepted_and_said_loudly() -> None:
    verdict = judge(replace(GOOD, limits=frozenset()), PLAN, limits="reported")
    assert verdict.fatal == ()
    assert "NOT ENFORCED" in told(verdict.notes[0])


def test_all_that_is_wrong_is_said_at_once() -> None:
    world = replace(GOOD, root=False, missing_packages=("podman",), nofile=1024, disk=0)
    assert len(judge(world, PLAN).fatal) == 4


def test_two_platforms_on_one_host_share_no_port_network_id_or_name() -> None:
    for one, other in combinations([plan(number) for number in range(NUMBERS)], 2):
        assert not one.listeners.keys() & other.listeners.keys()
        assert not one.subnet_pool.overlaps(other.subnet_pool)
        assert one.id_base != other.id_base
        assert one.nft_table != other.nft_table
        assert one.cookie_name != other.cookie_name
        assert one.instance_ports[1] < other.instance_ports[0] or other.instance_ports[1] < one.instance_ports[0]
