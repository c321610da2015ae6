"""A text in any field of a workload is one value of the container's request; in a Containerfile it is one instruction."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from injections import PAYLOADS

from wisehosting_agent.build.containerfile import parse, vet
from wisehosting_agent.errors import ConfigurationError, WorkFailed
from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.runtime.port import ContainerSpec
from wisehosting_agent.runtime.profile import create_body
from wisehosting_agent.settings import Settings
from wisehosting_wire.workload import Wanted, Workload

PLAIN: dict[str, Any] = {
    "instance": "0197-000000000001",
    "environment": {"id": "env-1", "team": "team-1", "project": "shop", "number": 1},
    "process": "web",
    "wanted": "running",
    "image": "0" * 64,
    "command": ["python3", "app.py"],
    "variables_version": 1,
    "port": 8080,
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> PodmanHost:
    folder = tmp_path_factory.mktemp("host")
    settings = Settings(
        name="one",
        state_dir=folder,
        control_plane="https://127.0.0.1:1",
        storage_dir=Path(folder, "containers"),
        number=1,
    )
    return PodmanHost(settings, runtime="crun")


def _places(model: type[msgspec.Struct]) -> Iterator[tuple[str, str | None]]:
    """Every field of the model that holds text, with the field inside it when it is a model of its own."""
    for field in msgspec.structs.fields(model):
        kind = field.type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from ((field.name, inner) for inner, _ in _places(kind))
        elif "str" in str(kind) and kind is not Wanted:
            yield field.name, None


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{place}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{place}.{index}")
    else:
        yield place, value


def _asked(host: PodmanHost, fields: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    workload = msgspec.convert(fields, Workload)
    body = create_body(host, ContainerSpec(workload=workload, env=env, host_port=20001))
    return dict(_leaves(msgspec.json.decode(msgspec.json.encode(body))))


def _changed(name: str, inner: str | None, text: str) -> dict[str, Any]:
    if inner is not None:
        return PLAIN | {name: {**PLAIN.get(name, {}), inner: text}}
    if isinstance(PLAIN.get(name), list) or name == "capabilities":
        return PLAIN | {name: [text]}
    return PLAIN | {name: text}


def test_a_text_in_a_workload_changes_its_own_values_and_no_other(host: PodmanHost) -> None:
    places = list(_places(Workload))
    assert {("environment", "project"), ("command", None), ("image", None), ("capabilities", None)} <= set(places)
    refused = 0
    for name, inner in places:
        plain = _asked(host, _changed(name, inner, "plain") if name != "capabilities" else PLAIN, {"KEY": "value"})
        for text in PAYLOADS.values():
            try:
                found = _asked(host, _changed(name, inner, text), {"KEY": "value"})
            except (ConfigurationError, msgspec.ValidationError):
                refused += 1
                continue
            assert found.keys() == plain.keys(), (name, inner, text)
            for place in found:
                if found[place] != plain[place]:
                    assert isinstance(found[place], str), (place, text)
                    # a host name is cut to its length and ends in no dash; a name takes an instance's last letters
                    begin, end = (text[:8].rstrip("-"), text) if place == ".hostname" else (text, text[-12:])
                    assert begin in found[place] or end in found[place], (place, text)
    assert refused >= len(PAYLOADS)  # a capability is one of a list


def test_a_variable_is_one_entry_of_the_environment(host: PodmanHost) -> None:
    plain = create_body(host, ContainerSpec(workload=msgspec.convert(PLAIN, Workload), env={}, host_port=None))
    for text in PAYLOADS.values():
        spec = ContainerSpec(workload=msgspec.convert(PLAIN, Workload), env={"KEY": text}, host_port=None)
        assert create_body(host, spec) == msgspec.structs.replace(plain, env={"KEY": text})


@pytest.mark.parametrize(
    "row", ["FROM {}", "FROM debian:13\nRUN echo {}", "FROM debian:13\nENV A={}", "FROM debian:13\nCOPY --from={} a b"]
)
def test_what_a_containerfile_is_rewritten_to_has_the_instructions_that_were_read(row: str) -> None:
    taken = 0
    for text in PAYLOADS.values():
        written = row.format(text)
        try:
            vetted = vet(written)
        except WorkFailed:
            continue
        taken += 1
        assert [one.keyword for one in parse(vetted.text)] == [one.keyword for one in parse(written)]
        assert vet(vetted.text) == vetted
        assert not any(image.startswith(("-", "/", ".")) for image in vetted.images), text
    assert taken < len(PAYLOADS)
