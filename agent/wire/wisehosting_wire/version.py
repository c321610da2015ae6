"""Protocol versions. One number for both directions; each side says what it speaks and the control plane chooses."""

PROTOCOL = 1
"""The newest protocol this code speaks."""

SUPPORTED = (1,)
"""All protocols this code speaks, newest first. From the first tagged bundle on: N and N-1."""


def choose(offered: tuple[int, ...]) -> int | None:
    """The newest protocol both sides speak, or None when there is none."""
    return max((version for version in offered if version in SUPPORTED), default=None)


def parse_versions(header: str) -> tuple[int, ...]:
    """Read `X-WH-Protocol` ("2, 1"). Raises ValueError when it is not a list of at most 8 numbers."""
    versions = tuple(int(part) for part in header.split(","))
    if len(versions) > 8:
        raise ValueError("more than 8 protocol versions offered")
    return versions
