"""Frameworks of Python: found by what a project depends on, and by the application object in its sources."""

import ast
from collections.abc import Collection, Iterator

import msgspec

from wisehosting_stacks.python_sources import PythonSources, called, run_on_import
from wisehosting_stacks.tree import Tree

_NAMES = ("main", "app", "application", "server", "api", "asgi", "wsgi", "run", "web", "index", "__init__", "__main__")
_NOT_OURS = frozenset(["tests", "test", "docs", "examples", "migrations", "node_modules", "venv", ".venv", "scripts"])
_FACTORIES = ("create_app", "make_app", "get_app", "build_app", "create_application", "get_application")
_APPLICATIONS = ("app", "application", "api", "server", "asgi_app", "wsgi_app")
"""Names of an application that is wrapped in something else."""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An application object in a module."""

    title: str
    where: str
    """The file."""
    target: str
    """`module:name`, as servers take it; a factory ends with `()`."""
    asgi: bool

    @property
    def factory(self) -> bool:
        """Whether the name is a function that makes the application."""
        return self.target.endswith("()")


class Kind(msgspec.Struct, frozen=True):
    """A framework whose application object is looked for."""

    title: str
    classes: tuple[str, ...]
    asgi: bool


KINDS = {
    "fastapi": Kind("FastAPI", ("FastAPI",), asgi=True),
    "litestar": Kind("Litestar", ("Litestar",), asgi=True),
    "quart": Kind("Quart", ("Quart",), asgi=True),
    "starlette": Kind("Starlette", ("Starlette",), asgi=True),
    "blacksheep": Kind("BlackSheep", ("Application",), asgi=True),
    "dash": Kind("Dash", ("Dash",), asgi=False),
    "flask": Kind("Flask", ("Flask", "APIFlask", "OpenAPI"), asgi=False),
    "falcon": Kind("Falcon", ("App", "API"), asgi=False),
    "bottle": Kind("Bottle", ("Bottle",), asgi=False),
}
"""By the distribution that gives a framework away; the first one wins: FastAPI brings Starlette, Dash brings Flask."""


def framework(tree: Tree, dependencies: Collection[str]) -> App | None:
    """The application of the first framework that the project depends on and has an object of."""
    kinds = {distribution: kind for distribution, kind in KINDS.items() if distribution in dependencies}
    found: dict[str, App] = {}
    sources = PythonSources(tree)
    for path, module in _modules(tree) if kinds else ():
        wanted = {name: kind for name, kind in kinds.items() if name not in found and _names(tree.text(path), kind)}
        # Parsed once for all of them.
        statements = list(run_on_import(sources.body(path))) if wanted else []
        for distribution, kind in wanted.items():
            if name := _object(statements, kind):
                target = f"{module}:{_served(statements, name) if distribution == 'dash' else name}"
                found[distribution] = App(title=kind.title, where=path, target=target, asgi=kind.asgi)
        if next(iter(kinds)) in found:
            break
    return next((found[distribution] for distribution in kinds if distribution in found), None)


def title_of(dependencies: Collection[str]) -> str:
    """The framework that a project depends on, for the words of a refusal."""
    return next((kind.title for distribution, kind in KINDS.items() if distribution in dependencies), "")


def _modules(tree: Tree) -> Iterator[tuple[str, str]]:
    """(path, module) of sources in which an application is usually made: the usual names first, the shallow ones first."""
    found = []
    for path in tree.paths:
        if not path.endswith(".py") or path.count("/") > 3:
            continue
        folders = path.split("/")[:-1]
        if any(folder in _NOT_OURS or not folder.isidentifier() for folder in folders):
            continue
        name = path.rpartition("/")[2].removesuffix(".py")
        if name.isidentifier() and not name.startswith("test_"):
            found.append((path.count("/"), _NAMES.index(name) if name in _NAMES else len(_NAMES), path))
    for _, _, path in sorted(found)[:200]:
        yield path, module_of(path)


def module_of(path: str) -> str:
    """`src/shop/main.py` is `shop.main`: both the project's folder and `src` are looked in."""
    plain = path.removesuffix(".py").removesuffix("/__init__")
    return plain.removeprefix("src/").replace("/", ".")


def _names(text: str, kind: Kind) -> bool:
    return any(name in text for name in (*kind.classes, *_FACTORIES))


def _object(statements: list[ast.stmt], kind: Kind) -> str:
    """Name of the application in a module: a variable, else a factory's call; empty when neither is there."""
    makers = [one for one in statements if isinstance(one, ast.FunctionDef) and _makes(one, kind)]
    making = {*kind.classes, *_FACTORIES, *(maker.name for maker in makers)}
    wrapped = ""
    for name, value in _assigned(statements):
        if called(value) in making:
            return name
        if name in _APPLICATIONS and _makes(value, kind):
            wrapped = wrapped or name
    factories = [maker.name for maker in makers if maker.name in _FACTORIES and _can_be_called(maker)]
    return wrapped or (f"{factories[0]}()" if factories else "")


def _assigned(statements: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """(variable, what it is given)."""
    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _makes(node: ast.AST, kind: Kind) -> bool:
    return any(called(one) in kind.classes for one in ast.walk(node))


def _can_be_called(function: ast.FunctionDef) -> bool:
    """Without arguments."""
    needed = len(function.args.posonlyargs) + len(function.args.args) - len(function.args.defaults)
    return needed == 0 and all(default is not None for default in function.args.kw_defaults)


def _served(statements: list[ast.stmt], name: str) -> str:
    """What servers take of a Dash application: the variable that its `server` is given to, else the attribute."""
    if name.endswith("()"):
        return name
    for variable, value in _assigned(statements):
        match value:
            case ast.Attribute(value=ast.Name(id=owner), attr="server") if owner == name:
                return variable
            case _:
                pass
    return f"{name}.server"
