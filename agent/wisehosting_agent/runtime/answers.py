"""What Podman answers, as far as we read it."""

from typing import Any

import msgspec


class PublishedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A published port in the list."""

    host_port: int = 0
    container_port: int = 0


class Listed(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={
        "container": "Id",
        "names": "Names",
        "labels": "Labels",
        "state": "State",
        "pid": "Pid",
        "exit_code": "ExitCode",
        "exited_at": "ExitedAt",
        "started_at": "StartedAt",
        "image": "ImageID",
        "ports": "Ports",
    },
):
    """One row of `containers/json`."""

    container: str
    names: list[str] | None = None
    labels: dict[str, str] | None = None
    state: str = ""
    pid: int = 0
    exit_code: int = 0
    exited_at: int = 0
    started_at: int = 0
    image: str = ""
    ports: list[PublishedPort] | None = None


class State(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"status": "Status", "running": "Running", "pid": "Pid", "conmon": "ConmonPid", "exit_code": "ExitCode"},
):
    """State of an inspected container."""

    status: str = ""
    running: bool = False
    pid: int = 0
    conmon: int = 0
    exit_code: int = 0


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, rename={"address": "IPAddress", "gateway": "Gateway"}):
    """The container's place on a network."""

    address: str = ""
    gateway: str = ""


class NetworkSettings(msgspec.Struct, frozen=True, kw_only=True, rename={"networks": "Networks"}):
    """Networks of an inspected container."""

    networks: dict[str, Endpoint] | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, rename={"labels": "Labels"}):
    """Configuration of an inspected container."""

    labels: dict[str, str] | None = None


class Inspected(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"container": "Id", "state": "State", "config": "Config", "network_settings": "NetworkSettings"},
):
    """`containers/<id>/json`."""

    container: str
    state: State
    config: Config = Config()
    network_settings: NetworkSettings = NetworkSettings()


class ImageConfig(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"user": "User", "exposed": "ExposedPorts", "entrypoint": "Entrypoint", "command": "Cmd"},
):
    """Configuration of an image."""

    user: str = ""
    exposed: dict[str, Any] | None = None
    entrypoint: list[str] | None = None
    command: list[str] | None = None


class InspectedImage(
    msgspec.Struct, frozen=True, kw_only=True, rename={"image": "Id", "size": "Size", "config": "Config"}
):
    """`images/<id>/json`."""

    image: str
    size: int = 0
    config: ImageConfig | None = None


class ListedImage(msgspec.Struct, frozen=True, kw_only=True, rename={"image": "Id", "names": "Names"}):
    """One row of `images/json`."""

    image: str
    names: list[str] | None = None


class OciRuntime(msgspec.Struct, frozen=True, kw_only=True):
    """The OCI runtime in use."""

    name: str = ""
    version: str = ""


class HostInfo(msgspec.Struct, frozen=True, kw_only=True, rename={"runtime": "ociRuntime", "cgroups": "cgroupVersion"}):
    """Host part of `info`."""

    runtime: OciRuntime = OciRuntime()
    cgroups: str = ""


class VersionInfo(msgspec.Struct, frozen=True, kw_only=True, rename={"version": "Version"}):
    """Version part of `info`."""

    version: str = ""


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """`info`."""

    host: HostInfo
    version: VersionInfo


class Actor(msgspec.Struct, frozen=True, kw_only=True, rename={"attributes": "Attributes"}):
    """Whom an event is about."""

    attributes: dict[str, str] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, rename={"action": "Action", "actor": "Actor"}):
    """One line of `events`."""

    action: str = ""
    actor: Actor = Actor()
