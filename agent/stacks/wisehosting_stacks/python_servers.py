"""Servers of Python's applications: the one that a project depends on, else one that is added."""

import re
from collections.abc import Collection

import msgspec

from wisehosting_stacks.python_frameworks import App

_DISTRIBUTIONS = {
    "gunicorn": "gunicorn",
    "uvicorn": "uvicorn",
    "hypercorn": "hypercorn",
    "daphne": "daphne",
    "granian": "granian",
    "waitress-serve": "waitress",
}
"""By the program that a line starts."""
_STARTED = re.compile(r"(?:^|exec |&& |; )(?:\w+=\S+ )*(?:python3? -m )?([a-z-]+)(?= |\Z)")
_ALL = "0.0.0.0"  # noqa: S104 - in a container: the ingress is the only one that reaches it


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A server's command, and what is installed for it."""

    argv: tuple[str, ...]
    adds: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person is told."""
        return tuple(
            f"{one} is not among the dependencies and serves the app, so it is installed beside them. "
            f"Add it to them, and its version is yours to choose."
            for one in self.adds
        )


def serve(app: App, dependencies: Collection[str], port: int) -> Served:
    """The command that serves an application."""
    return _asgi(app, dependencies, port) if app.asgi else _wsgi(app, dependencies, port)


def _asgi(app: App, dependencies: Collection[str], port: int) -> Served:
    plain = app.target.removesuffix("()")
    factory = ("--factory",) if app.factory else ()
    if "uvicorn" not in dependencies:
        if "daphne" in dependencies and not app.factory:
            return Served(argv=("daphne", "--bind", _ALL, "--port", str(port), plain))
        if "hypercorn" in dependencies:
            return Served(argv=("hypercorn", "--bind", f"{_ALL}:{port}", app.target))
        if "granian" in dependencies:
            return Served(argv=_granian("asgi", app, port))
    # What the ingress says of the visitor is believed.
    options = ("--host", _ALL, "--port", str(port), "--proxy-headers", "--forwarded-allow-ips", "*")
    adds = () if "uvicorn" in dependencies else ("uvicorn",)
    return Served(argv=("uvicorn", plain, *options, *factory), adds=adds)


def _wsgi(app: App, dependencies: Collection[str], port: int) -> Served:
    plain = app.target.removesuffix("()")
    if "gunicorn" not in dependencies:
        if "waitress" in dependencies:
            return Served(argv=("waitress-serve", f"--port={port}", *(("--call",) if app.factory else ()), plain))
        if "granian" in dependencies:
            return Served(argv=_granian("wsgi", app, port))
    # gunicorn listens on $PORT by itself.
    argv = ("gunicorn", "--access-logfile", "-", "--forwarded-allow-ips", "*", app.target)
    return Served(argv=argv, adds=() if "gunicorn" in dependencies else ("gunicorn",))


def _granian(interface: str, app: App, port: int) -> tuple[str, ...]:
    options = ("--interface", interface, "--host", _ALL, "--port", str(port))
    return ("granian", *options, *(("--factory",) if app.factory else ()), app.target.removesuffix("()"))


def started_without(argv: tuple[str, ...], dependencies: Collection[str]) -> Served:
    """A command that somebody named, with the server that it starts and that the project does not depend on."""
    line = argv[2] if argv[:2] == ("sh", "-c") and len(argv) == 3 else " ".join(argv)
    programs = _STARTED.findall(line[:2000])
    adds = [_DISTRIBUTIONS[one] for one in programs if one in _DISTRIBUTIONS]
    return Served(argv=argv, adds=tuple(one for one in dict.fromkeys(adds) if one not in dependencies))
