"""Django: where its settings and its applications are, and what the settings leave open. Read, never run."""

import re

import msgspec

from wisehosting_stacks.tree import Tree

_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"](?:[ \t]*\][ \t]*=|[ \t]*,)\s*['\"]([\w.]+)['\"]")
_STATIC_ROOT = re.compile(r"^[ \t]*STATIC_ROOT[ \t]*[:=]", re.MULTILINE)
_HOSTS = re.compile(r"^[ \t]*ALLOWED_HOSTS\b[ \t]*(.*)$", re.MULTILINE)
_NO_HOSTS = re.compile(r"(?::[^=]{0,40})?=[ \t]*(?:\[[ \t]*\]|\([ \t]*\)|list\(\))[ \t]*(?:#.*)?\Z")
_READS = re.compile(r"\b(?:environ\[|env(?:\.\w{1,20})?\(|config\()[ \t]*['\"](\w{1,60})['\"][ \t]*[\])]")
_MOST_SETTINGS = 20
"""Files of settings that are read."""
_LARGEST = 400_000
"""Characters of one that is read."""


class Django(msgspec.Struct, frozen=True, kw_only=True):
    """A Django project."""

    folder: str
    """Of manage.py."""
    settings: str
    """Module; empty when manage.py does not say it and none was found."""
    wsgi: str
    """Module; empty when there is none."""
    asgi: str
    collects: bool
    """Whether its settings say where static files are collected."""
    no_hosts: bool
    """Whether its settings allow no host name."""
    reads: tuple[str, ...]
    """Environment variables without which its settings cannot be read."""


def django(tree: Tree) -> Django | None:
    """A folder with a manage.py of Django's; None for one from which nothing can be served."""
    path = next((one for one in ("manage.py", *tree.match("*/manage.py")) if one in tree), None)
    if path is None or "DJANGO_SETTINGS_MODULE" not in tree.text(path):
        return None
    folder = path.removesuffix("manage.py").rstrip("/")
    below = f"{folder}/" if folder else ""
    match = _SETTINGS.search(tree.text(path))
    settings = match[1] if match else _settings(tree, below)
    package = settings.partition(".")[0]
    wsgi, asgi = _module(tree, below, package, "wsgi"), _module(tree, below, package, "asgi")
    if not (wsgi or asgi or settings):
        return None
    texts = _texts(tree, below, settings)
    hosts = [found for text in texts for found in _HOSTS.findall(text)]
    reads = [name for text in texts for name in _READS.findall(text)]
    return Django(
        folder=folder,
        settings=settings,
        wsgi=wsgi,
        asgi=asgi,
        collects=any(_STATIC_ROOT.search(text) for text in texts),
        no_hosts=bool(hosts) and all(_NO_HOSTS.match(one) for one in hosts),
        reads=tuple(dict.fromkeys(name for name in reads if name != "DJANGO_SETTINGS_MODULE")),
    )


def _settings(tree: Tree, below: str) -> str:
    found = [*tree.match(f"{below}*/settings.py"), *tree.match(f"{below}*/settings/__init__.py")]
    return _dotted(found[0].removeprefix(below)) if found else ""


def _module(tree: Tree, below: str, package: str, name: str) -> str:
    usual = [f"{below}{package}/{name}.py"] if package else []
    path = next((one for one in (*usual, *tree.match(f"{below}*/{name}.py"), f"{below}{name}.py") if one in tree), "")
    return _dotted(path.removeprefix(below))


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _texts(tree: Tree, below: str, settings: str) -> list[str]:
    """Texts of the settings: those of one package take over from each other, as do settings.py and settings_local.py."""
    module = f"{below}{settings.replace('.', '/')}"
    package = tree.has_folder(module)
    folder = module if package else module.rpartition("/")[0]
    # The neighbours of `shop.conf.production` are settings; those of `shop.settings` are the project.
    whole = package or settings.count(".") > 1
    beginning = f"{folder}/" if whole else f"{folder}/settings"
    beside = sorted(one for one in tree.paths if one.startswith(beginning) and one.endswith(".py"))
    paths = list(dict.fromkeys([f"{module}.py", *beside]))[:_MOST_SETTINGS]
    return [text for text in map(tree.text, paths) if len(text) <= _LARGEST]
