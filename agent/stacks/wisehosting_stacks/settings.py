"""Settings of a build: those of the repository's wisehosting.toml win over the project's, both over what is detected."""

import msgspec

from wisehosting_wire.workload import BuildSettings

__all__ = ["BuildSettings", "merged"]


def merged(first: BuildSettings, second: BuildSettings) -> BuildSettings:
    """What the first one says; what it leaves open is the second one's."""
    nothing = msgspec.structs.asdict(BuildSettings())
    said = {name: value for name, value in msgspec.structs.asdict(first).items() if value != nothing[name]}
    return msgspec.structs.replace(second, **said)
