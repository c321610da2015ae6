"""Python: what is installed, what serves, and with which server."""

import re
from collections.abc import Iterable

import msgspec

from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import Needs, asked_packages, needed
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, Plan, Stack, Version
from wisehosting_stacks.python_django import Django, django
from wisehosting_stacks.python_frameworks import App, framework, title_of
from wisehosting_stacks.python_programs import PROGRAMS, imported, listens_elsewhere, package, page
from wisehosting_stacks.python_requirements import LISTS, locked
from wisehosting_stacks.python_servers import serve, started_without
from wisehosting_stacks.python_tools import ENVIRONMENT, Tool, scripts, tool
from wisehosting_stacks.python_tools import requires as requirements_of
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import LONGEST, Offers, choose, satisfies

MARKS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py", *LISTS)
LIBRARIES = {
    "weasyprint": Needs((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "cairosvg": Needs((), ("libcairo2",)),
    "opencv-python": Needs((), ("libgl1", "libglib2.0-0")),
    "opencv-contrib-python": Needs((), ("libgl1", "libglib2.0-0")),
    "pyodbc": Needs(("unixodbc-dev",), ("unixodbc",)),
    "python-magic": Needs((), ("libmagic1",)),
    "pdf2image": Needs((), ("poppler-utils",)),
    "pytesseract": Needs((), ("tesseract-ocr",)),
    "python-ldap": Needs(("libldap-dev", "libsasl2-dev"), ("libldap2", "libsasl2-2")),
    "pycairo": Needs(("libcairo2-dev",), ("libcairo2",)),
    "xmlsec": Needs(("libxmlsec1-dev",), ("libxmlsec1-openssl",)),
    "pydub": Needs((), ("ffmpeg",)),
    "pyaudio": Needs(("portaudio19-dev",), ("libportaudio2",)),
    "graphviz": Needs((), ("graphviz",)),
    "pygraphviz": Needs(("libgraphviz-dev",), ("graphviz",)),
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
MAY_FAIL = (
    "collectstatic failed, and the build goes on: the app has no collected static files. The lines above say why. "
    "A variable that the settings read is given to a build with the scope build."
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
    version, disagree = _version(tree, asked, offers)
    own = start.argv[0] in scripts(tree) or any(name in scripts(tree) for name in _words(said))
    install, whole = _install(made, asked, start, own=own)
    libraries = _libraries(made.dependencies | locked(tree), version)
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
        may_fail=MAY_FAIL,
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
        notes=tuple(filter(None, (version.note, disagree, *made.notes, *start.notes, *said.notes))),
        install=install,
        build=build,
        start=start.argv,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image, final) if staged else (final,),
        containerfile=text,
    )


def _libraries(names: frozenset[str], version: Version) -> Needs:
    libraries = needed(names, LIBRARIES)
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
    named = started_without(said.web, made.dependencies)
    if start is None:
        return Start(argv=said.web, adds=named.adds, notes=named.notes)
    # What the settings or the Procfile start stands in the project's own folder.
    build = f"cd {start.folder} && {start.build}" if start.folder and start.build else start.build
    return msgspec.structs.replace(start, argv=said.web, adds=named.adds, notes=named.notes, build=build, folder="")


def _django(project: Django, made: Tool, port: int) -> Start:
    asgi = project.asgi and (
        not project.wsgi or bool({"channels", "daphne", "uvicorn", "uvicorn-worker"} & made.dependencies)
    )
    own = "django.core.wsgi:get_wsgi_application()"
    target = f"{project.asgi}:application" if asgi else f"{project.wsgi}:application" if project.wsgi else own
    served = serve(App(title="Django", where="", target=target, asgi=bool(asgi)), made.dependencies, port)
    notes = [*served.notes]
    if not project.collects:
        notes.append(
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        )
    elif "whitenoise" not in made.dependencies:
        notes.append(
            "Static files are collected into STATIC_ROOT, and whitenoise, which serves them, is not among the dependencies."
            " Add it, unless something else serves them."
        )
    if project.collects and project.reads:
        notes.append(
            f"The settings read {', '.join(project.reads[:3])} from the environment, and static files are collected during the "
            "build: give the variables the scope build too. If it fails, the build goes on without the files and its log says why."
        )
    if project.no_hosts:
        notes.append("ALLOWED_HOSTS is empty: Django answers no visitor with it. Add the app's host name.")
    return Start(
        argv=served.argv,
        title="Django",
        where=f"{project.folder}/manage.py".lstrip("/"),
        adds=served.adds,
        build="python manage.py collectstatic --no-input" if project.collects else "",
        folder=project.folder,
        notes=(*notes, *_nothing_said(made, ["django"], "manage.py")),
        settings=() if project.wsgi or asgi else (("DJANGO_SETTINGS_MODULE", project.settings),),
    )


def _by_framework(tree: Tree, made: Tool, port: int) -> Start | None:
    if "streamlit" in made.dependencies and (path := page(tree)):
        options = ("--server.port", str(port), "--server.address", "0.0.0.0", "--server.headless", "true")  # noqa: S104
        return Start(argv=("streamlit", "run", path, *options), title="Streamlit", where=path)
    app = framework(tree, made.dependencies)
    if app is None:
        return None
    served = serve(app, made.dependencies, port)
    return Start(argv=served.argv, title=app.title, where=app.where, adds=served.adds, notes=served.notes)


def _by_program(tree: Tree, made: Tool, port: int) -> Start | None:
    path = tree.first(*PROGRAMS)
    title = title_of(made.dependencies)
    settings: tuple[tuple[str, str], ...] = ()
    if "gradio" in made.dependencies:
        settings = (("GRADIO_SERVER_NAME", "0.0.0.0"), ("GRADIO_SERVER_PORT", str(port)))  # noqa: S104
    if path is not None:
        name = "Gradio" if settings else ""
        notes = (
            f"{title} is a dependency, and no application of it was found at the top of a module: {path} is started as a program."
            if title
            else "",
            listens_elsewhere(tree, path, port),
            *_nothing_said(made, imported(tree, path), path),
        )
        argv = ("python", path)
        said = tuple(filter(None, notes))
        return Start(argv=argv, title=name, where=path if name else "", notes=said, settings=settings)
    if name := package(tree):
        return Start(argv=("python", "-m", name))
    named = scripts(tree)
    return Start(argv=(next(iter(named)),)) if len(named) == 1 else None


def _nothing_said(made: Tool, imports: list[str], where: str) -> tuple[str, ...]:
    """A sentence when packages are wanted, and no file names any."""
    if made.name or not imports:
        return ()
    wanted = ", ".join(imports[:5])
    cure = "Add a requirements.txt with a line for each."
    return (f"{where} needs {wanted}, and no file says which packages are installed. {cure}",)


def _version(tree: Tree, asked: BuildSettings, offers: Offers) -> tuple[Version, str]:
    """The version, and a sentence when another file asks for one that it is not."""
    own = [
        (pinned(tree, ".python-version"), ".python-version"),
        (pinned(tree, "runtime.txt"), "runtime.txt"),
        (tool_version(tree, "python"), ".tool-versions"),
    ]
    needed_by_tools = _numbered(requirements_of(tree))
    # A setting is meant to win over the files, but not over what a tool then refuses.
    pins = (
        [(asked.version.removeprefix("python-"), "build.version"), *needed_by_tools]
        if asked.version
        else _numbered(own) + needed_by_tools
    )
    wanted, where = first_pin(*pins)
    version = choose("python", "Python", wanted, where, offers)
    other = next((pin for pin in pins[1:] if not satisfies(version.taken, pin[0][:LONGEST])), None)
    if other is None or version.note:
        return version, ""
    return version, (
        f"{where} asks for Python {version.asked}, and {other[1]} for {other[0][:LONGEST]}: "
        f"Python {version.taken} was taken. Make them agree, or a tool may refuse it."
    )


def _numbered(pins: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that ask for a version of Python: tools keep names of environments, and of other Pythons, in the same files."""
    plain = [(said.strip().removeprefix("python-").removeprefix("cpython-"), where) for said, where in pins]
    return [pin for pin in plain if re.match(r"[v=<>!~^]{0,3}\s{0,9}\d", pin[0])]
