"""Names, folders and hostnames of projects. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator

from wisehosting_cp.errors import Invalid

NAME = re.compile(r"[a-z][a-z0-9-]{0,38}\Z")
NAME_LENGTH = 39
LABEL_LENGTH = 63
ROOT_LENGTH = 500


def check_name(name: str) -> str:
    """Return a project name that is also a hostname label. Raises Invalid with a sentence for the field `name`."""
    sentence = None
    if not name:
        sentence = "Give the project a name."
    elif len(name) > NAME_LENGTH:
        sentence = f"Shorten the name to {NAME_LENGTH} characters."
    elif not NAME.match(name):
        sentence = "Use small letters a to z, digits and dashes, and begin with a letter."
        if suggestion := slug(name):
            sentence += f" For example: {suggestion}"
    elif name.endswith("-") or name.startswith("xn--"):
        sentence = "The name becomes part of a hostname: it cannot end with a dash or begin with xn--."
    if sentence:
        raise Invalid("name_invalid", sentence, fields={"name": sentence})
    return name


def slug(text: str) -> str:
    """Return the nearest name that the rule allows, or an empty string."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return re.sub(r"^[^a-z]+", "", dashed)[:NAME_LENGTH].strip("-")


def suggestion(name: str, taken: Collection[str]) -> str:
    """Return the first of `name-2`, `name-3` … that is free."""
    number = 2
    while True:
        ending = f"-{number}"
        candidate = name[: NAME_LENGTH - len(ending)].rstrip("-") + ending
        if candidate not in taken:
            return candidate
        number += 1


def check_root_directory(path: str) -> str:
    """Return a folder inside the repository without leading or trailing slash. Raises Invalid for the field `root_directory`."""
    parts = [part for part in path.strip().split("/") if part not in {"", "."}]
    normal = "/".join(parts)
    sentence = None
    if ".." in parts:
        sentence = "The folder must lie inside the repository; leave out '..'."
    elif "\\" in path:
        sentence = "Separate folders by '/'."
    elif any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        sentence = "The folder's name holds control characters."
    elif len(normal) > ROOT_LENGTH:
        sentence = f"The folder's path is longer than {ROOT_LENGTH} characters."
    elif any(part.lower() == ".git" for part in parts):
        sentence = "The folder .git is not part of a checkout; choose another."
    if sentence:
        raise Invalid("root_directory_invalid", sentence, fields={"source.root_directory": sentence})
    return normal


def hostnames(project: str, team: str, apps_domain: str) -> Iterator[str]:
    """Yield hostnames to try for production, without port: the short one, the team's, then numbered ones."""
    domain = apps_domain.partition(":")[0].lower()
    yield f"{project}.{domain}"
    label = f"{project}-{team}"
    if len(label) > LABEL_LENGTH:
        label = f"{project}-{team[: LABEL_LENGTH - len(project) - 10].rstrip('-')}-{_short_hash(label)}"
    yield f"{label}.{domain}"
    number = 2
    while True:
        ending = f"-{number}"
        yield f"{label[: LABEL_LENGTH - len(ending)]}{ending}.{domain}"
        number += 1


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
