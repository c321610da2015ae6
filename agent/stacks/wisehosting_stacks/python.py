"""Python: what is installed, what serves, and with which server."""

import re

import msgspec

from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import Needs, asked_packages, needed
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, Plan, Stack, Version
from wisehosting_stacks.python_django import Django, django
from wisehosting_stacks.python_frameworks import App, framework, title_of
from wisehosting_stacks.python_tools import ENVIRONMENT, Tool, scripts, tool
from wisehosting_stacks.python_tools import requires as requirements_of
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers, choose

MARKS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py")
PROGRAMS = ("main.py", "app.py", "server.py", "run.py", "bot.py", "src/main.py", "src/app.py")
LIBRARIES = {
    "weasyprint": Needs((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "opencv-python": Needs((), ("libgl1", "libglib2.0-0")),
    "pyodbc": Needs(("unixodbc-dev",), ("unixodbc",)),
    "python-magic": Needs((), ("libmagic1",)),
    "pdf2image": Needs((), ("poppler-utils",)),
    "pytesseract": Needs((), ("tesseract-ocr",)),
    "python-ldap": Needs(("libldap-dev", "libsasl2-dev"), ("libldap2", "libsasl2-2")),
    "pycairo": Needs(("libcairo2-dev",), ("libcairo2",)),
    "xmlsec": Needs(("libxmlsec1-dev",), ("libxmlsec1-openssl",)),
    "pydub": Needs((), ("ffmpeg",)),
}
"""Distributions that want a library of Debian's; those of PostgreSQL, MariaDB, JPEG and OpenSSL are in the bases."""
ON_DEBIAN_12 = frozenset({"3.11"})
"""Versions whose bases stand on Debian 12; the others stand on 13."""
_NAMED_12 = {"libldap2": "libldap-2.5-0"}
"""What Debian 12 calls a package of the table."""
NOTHING = (
    "{where} was found, and nothing that starts: no main.py or app.py, no manage.py, no application of a framework that is known. "
    "Set start, such as python -m shop, or add a Procfile with the line `web: …`."
)


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What serves."""

    argv: tuple[str, ...]
    title: str = ""
    where: str = ""
    adds: tuple[str, ...] = ()
    """Distributions that are installed for it."""
    build: str = ""
    folder: str = ""
    """Where it starts, below the project's folder."""
    notes: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A project with one of Python's files, or a program."""
    mark = tree.first(*MARKS) or tree.first("main.py", "app.py")
    if mark is None:
        return None
    made = tool(tree)
    said = commands(tree, asked)
    port = asked.port or 8080
    start = _start(tree, made, said, port)
    if start is None:
        left_to_others(tree, asked, Stack.python, NOTHING.format(where=mark))
        return None
    version = _version(tree, asked, offers)
    own = start.argv[0] in scripts(tree) or any(name in scripts(tree) for name in _words(said))
    install, whole = _install(made, asked, start, own=own)
    libraries = _libraries(made, version)
    wanted = asked_packages(asked.packages)
    packages = tuple(dict.fromkeys((*wanted, *libraries.run)))
    build = asked.build or start.build
    image, final = (
        f"localhost/wisehosting/python-build:{version.taken}",
        f"localhost/wisehosting/python:{version.taken}",
    )
    staged = bool(install or asked.build)
    found = [Finding(what=f"Python {version.taken}", where=version.where or ("" if mark.endswith(".py") else mark))]
    found += [made.finding] if made.name else []
    found += [Finding(what=start.title, where=start.where)] if start.title else []
    text = render(
        "python.Containerfile.j2",
        image=image,
        final=final,
        staged=staged,
        whole=whole or bool(asked.build and not install),
        manifests=list(made.manifests),
        build_packages=tuple(dict.fromkeys((*wanted, *libraries.build))),
        packages=packages,
        install=install,
        build=build,
        # Compilers are where dependencies are installed; what the app's own sources need is where they run.
        build_beside=bool(asked.build),
        environment=ENVIRONMENT,
        folder=start.folder,
        settings=dict(start.settings),
        port=port,
        start=start.argv,
    )
    return Plan(
        stack=Stack.python,
        framework=start.title,
        version=version,
        found=(*found, *said.found),
        notes=tuple(filter(None, (version.note, *made.notes, *start.notes, *said.notes))),
        install=install,
        build=build,
        start=start.argv,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image, final) if staged else (final,),
        containerfile=text,
    )


def _libraries(made: Tool, version: Version) -> Needs:
    libraries = needed(made.dependencies, LIBRARIES)
    if version.taken not in ON_DEBIAN_12:
        return libraries
    return Needs(libraries.build, tuple(_NAMED_12.get(name, name) for name in libraries.run))


def _words(said: Commands) -> set[str]:
    lines = [" ".join(argv) for argv in (said.web or (), *said.others.values())]
    return {word for line in lines for word in re.split(r"[\s'\";&|()]+", line)}


def _install(made: Tool, asked: BuildSettings, start: Start, *, own: bool) -> tuple[str, bool]:
    """(the shell line that installs, whether it needs the sources)."""
    lines = [line for line in (asked.install or made.install,) if line]
    whole = made.whole or bool(asked.install)
    if own and not whole:
        lines.append("uv pip install --no-deps --editable .")
        whole = True
    if start.adds:
        lines.append(f"uv pip install {' '.join(start.adds)}")
    return " && ".join(lines), whole


def _start(tree: Tree, made: Tool, said: Commands, port: int) -> Start | None:
    project = django(tree)
    start = (
        _django(project, made, port) if project else _by_framework(tree, made, port) or _by_program(tree, made, port)
    )
    if said.web is None:
        return start
    if start is None:
        return Start(argv=said.web)
    # What the settings or the Procfile start stands in the project's own folder.
    build = f"cd {start.folder} && {start.build}" if start.folder and start.build else start.build
    return msgspec.structs.replace(start, argv=said.web, adds=(), notes=(), build=build, folder="")


def _django(project: Django, made: Tool, port: int) -> Start:
    asgi = project.asgi and bool({"channels", "daphne", "uvicorn", "uvicorn-worker"} & made.dependencies)
    adds: tuple[str, ...] = ()
    if asgi and "daphne" in made.dependencies:
        argv: tuple[str, ...] = ("daphne", "--bind", "0.0.0.0", "--port", str(port), f"{project.asgi}:application")  # noqa: S104
    elif asgi:
        argv, adds = _uvicorn(f"{project.asgi}:application", made, port)
    else:
        argv, adds = _gunicorn(project.wsgi or "django.core.wsgi:get_wsgi_application()", made, port)
    notes = [_added(adds)] if adds else []
    if not project.collects:
        notes.append(
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        )
    return Start(
        argv=argv,
        title="Django",
        where=f"{project.folder}/manage.py".lstrip("/"),
        adds=adds,
        build="python manage.py collectstatic --no-input" if project.collects else "",
        folder=project.folder,
        notes=tuple(notes),
        settings=() if project.wsgi or asgi else (("DJANGO_SETTINGS_MODULE", project.settings),),
    )


def _by_framework(tree: Tree, made: Tool, port: int) -> Start | None:
    if "streamlit" in made.dependencies:
        names = ("streamlit_app.py", "app.py", "main.py", "Home.py", "src/app.py")
        path = next((name for name in names if name in tree), None)
        if path is not None:
            options = ("--server.port", str(port), "--server.address", "0.0.0.0", "--server.headless", "true")  # noqa: S104
            return Start(argv=("streamlit", "run", path, *options), title="Streamlit", where=path)
    app = framework(tree, made.dependencies)
    if app is None:
        return None
    if app.asgi:
        argv, adds = _asgi(app, made, port)
    else:
        argv, adds = _gunicorn(app.target, made, port)
    notes = (_added(adds),) if adds else ()
    return Start(argv=argv, title=app.title, where=app.where, adds=adds, notes=notes)


def _asgi(app: App, made: Tool, port: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "hypercorn" in made.dependencies and "uvicorn" not in made.dependencies:
        return ("hypercorn", "--bind", f"0.0.0.0:{port}", app.target), ()
    argv, adds = _uvicorn(app.target.removesuffix("()"), made, port)
    return ((*argv, "--factory") if app.factory else argv), adds


def _uvicorn(target: str, made: Tool, port: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    there = {"uvicorn", "fastapi-cli", "uvicorn-worker"} & made.dependencies
    # The ingress is the only one that reaches the app: what it says of the visitor is believed.
    options = ("--host", "0.0.0.0", "--port", str(port), "--proxy-headers", "--forwarded-allow-ips", "*")  # noqa: S104
    return ("uvicorn", target, *options), () if there else ("uvicorn",)


def _gunicorn(target: str, made: Tool, port: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "waitress" in made.dependencies and "gunicorn" not in made.dependencies:
        called = ("--call", target.removesuffix("()")) if target.endswith("()") else (target,)
        return ("waitress-serve", f"--port={port}", *called), ()
    # gunicorn listens on $PORT by itself.
    return ("gunicorn", "--access-logfile", "-", "--forwarded-allow-ips", "*", target), (
        () if "gunicorn" in made.dependencies else ("gunicorn",)
    )


def _added(adds: tuple[str, ...]) -> str:
    return (
        f"{adds[0]} is not among the dependencies and serves the app, so it is installed beside them. "
        f"Add it to them, and its version is yours to choose."
    )


def _by_program(tree: Tree, made: Tool, port: int) -> Start | None:
    path = tree.first(*PROGRAMS)
    title = title_of(made.dependencies)
    notes = (
        (
            f"{title} is a dependency, and no application of it was found at the top of a module: {path} is started as a program.",
        )
        if title and path
        else ()
    )
    settings: tuple[tuple[str, str], ...] = ()
    if "gradio" in made.dependencies:
        settings = (("GRADIO_SERVER_NAME", "0.0.0.0"), ("GRADIO_SERVER_PORT", str(port)))  # noqa: S104
    if path is not None:
        name = "Gradio" if settings else ""
        return Start(argv=("python", path), title=name, where=path if name else "", notes=notes, settings=settings)
    package = next((one for one in tree.match("*/__main__.py") + tree.match("src/*/__main__.py")), None)
    if package is not None:
        return Start(argv=("python", "-m", package.split("/")[-2]))
    named = scripts(tree)
    return Start(argv=(next(iter(named)),)) if len(named) == 1 else None


def _version(tree: Tree, asked: BuildSettings, offers: Offers) -> Version:
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (pinned(tree, ".python-version"), ".python-version"),
        (pinned(tree, "runtime.txt"), "runtime.txt"),
        (tool_version(tree, "python"), ".tool-versions"),
        *requirements_of(tree),
    )
    return choose("python", "Python", wanted.removeprefix("python-").removeprefix("cpython-"), where, offers)
