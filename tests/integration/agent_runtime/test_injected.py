"""Texts that try to be obeyed, in every field of an instance, on real Podman: the container has them, the host does not."""

import itertools
import json
import sys
from collections import Counter
from typing import Any

import msgspec
import pytest
import tripwires
from injections import PAYLOADS
from podmachine import TEAM, Machine

from wisehosting_agent.build import command
from wisehosting_agent.errors import AgentError
from wisehosting_agent.runtime.podman import PodmanRuntime
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_wire.workload import EnvironmentRef, Health, Wanted, Workload

pytestmark = pytest.mark.anyio
PER_FIELD = 10
PRINTS = ["python3", "-c", "import os, sys, time; sys.stdout.write(repr(sys.argv[1:])); time.sleep(600)"]


def _instance(machine: Machine, number: int, **changes: Any) -> Workload:
    fields: dict[str, Any] = {
        "instance": f"injected-{number:012d}",
        "environment": EnvironmentRef(id="env-7", team=TEAM, project="injected", number=7),
        "process": "web",
        "wanted": Wanted.running,
        "image": machine.image,
        "command": PRINTS,
        "variables_version": 1,
        "health": Health(settle_seconds=0.1),
        "stop_seconds": 0,
    }
    return msgspec.convert({**msgspec.to_builtins(fields), **changes}, Workload)


PLACES = ("instance", "process", "image", "command", "argument", "capabilities", "project", "name", "value")


def _spec(machine: Machine, number: int, place: str, text: str) -> ContainerSpec:
    reference = {"id": "env-7", "team": TEAM, "project": text, "number": 7}
    changes: dict[str, dict[str, Any]] = {
        "command": {"command": [text]},
        "argument": {"command": [*PRINTS, text]},
        "capabilities": {"capabilities": [text]},
        "project": {"environment": reference},
        "name": {},
        "value": {},
    }
    env = {"name": {text: "value"}, "value": {"KEY": text}}.get(place, {})
    workload = _instance(machine, number, **changes.get(place, {place: text}))
    return ContainerSpec(workload=workload, env=env, host_port=None)


async def _inspected(machine: Machine, container: str) -> dict[str, Any]:
    socket = f"unix://{machine.settings.podman_socket}"
    argv = ["podman", "--remote", "--url", socket, "container", "inspect", container]
    (found,) = json.loads(await command.check(argv, "inspect", environment=machine.host.base_env()))
    return dict(found)


async def _run(machine: Machine, runtime: PodmanRuntime, spec: ContainerSpec) -> tuple[str, dict[str, Any]]:
    """Whether it runs as it was ordered, and what Podman knows of it, if it was made at all."""
    try:
        container = await runtime.create(spec)
    except AgentError as refused:
        return f"refused {type(refused).__name__}", {}
    try:
        found = await _inspected(machine, container)
        await runtime.start(container)
        await runtime.verify(container, spec.workload)
    except AgentError:
        return "made", found
    finally:
        await runtime.remove(container)
    return "runs", found


async def _walk(machine: Machine, runtime: PodmanRuntime, per_field: int) -> dict[str, Counter[str]]:
    texts = itertools.cycle(PAYLOADS.items())
    told: dict[str, Counter[str]] = {place: Counter() for place in PLACES}
    number = itertools.count()
    with tripwires.laid() as wires:
        for place in PLACES:
            for name, text in itertools.islice(texts, per_field):
                outcome, found = await _run(machine, runtime, _spec(machine, next(number), place, text))
                told[place][outcome] += 1
                if found:
                    assert found["HostConfig"]["Binds"] in (None, []), (place, name)
                    assert not found["HostConfig"]["Privileged"], (place, name)
                    assert place != "value" or f"KEY={text}" in found["Config"]["Env"], name
                    assert place not in {"command", "argument"} or [found["Path"], *found["Args"]][-1] == text, name
                assert wires.tripped("libpod") == [], (place, name)
    return told


def _tell(told: dict[str, Counter[str]]) -> None:
    every = sum(told.values(), Counter())
    sys.stdout.write(f"  injected: {len(told)} fields, {every.total()} containers: {dict(every)}\n")


async def test_no_text_of_an_instance_is_obeyed_on_the_host(machine: Machine, runtime: PodmanRuntime) -> None:
    told = await _walk(machine, runtime, PER_FIELD)
    _tell(told)
    assert told["argument"]["runs"] >= PER_FIELD // 2
    assert told["value"]["runs"] >= PER_FIELD // 2
    assert not {"runs", "made"} & {*told["capabilities"], *told["image"]}


@pytest.mark.parametrize("said", ["", "x" * 5000, "f" * 300, "\x00", "..", "\u0661" * 64, "f" * 64 + "\n", "F" * 64])
async def test_what_is_no_digest_is_no_image(runtime: PodmanRuntime, said: str) -> None:
    """A name too long for a file failed with the system's own error; what is no digest is not even looked for."""
    assert await runtime.image(TEAM, said) is None


@pytest.mark.long
async def test_none_of_all_texts_of_an_instance_is_either(machine: Machine, runtime: PodmanRuntime) -> None:
    _tell(await _walk(machine, runtime, len(PAYLOADS)))
