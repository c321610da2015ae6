"""Debian packages that an image gets beside its base."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from wisehosting_stacks.plan import NotDetected

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+\Z")


class Needs(msgspec.Struct, frozen=True):
    """Debian packages of a library: its headers for the build, itself for the program that runs."""

    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()


def asked_packages(names: Iterable[str]) -> tuple[str, ...]:
    """The packages that a project asks for. Raises NotDetected for what is no package's name."""
    wanted = tuple(dict.fromkeys(names))
    for name in wanted:
        if not _NAME.match(name):
            raise NotDetected(
                f"build.apt names {name[:60]!r}, which is no name of a Debian package. "
                "Write names as on packages.debian.org, such as libpq5."
            )
    return wanted


def needed(libraries: Iterable[str], table: Mapping[str, Needs]) -> Needs:
    """What these libraries need together, each package once; in one order, whatever the one of the names is."""
    known = [table[name] for name in sorted(set(libraries)) if name in table]
    build = dict.fromkeys(package for one in known for package in one.build)
    run = dict.fromkeys(package for one in known for package in one.run)
    return Needs(tuple(build), tuple(run))
