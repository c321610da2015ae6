"""Read a Containerfile, refuse what would reach beyond the build, and write it down in one spelling. Pure.

What Podman gets is written from what was checked here, one instruction a line: two readers cannot disagree about it.
"""

import json
import re

import msgspec

from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

_KEYWORDS = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)
_CONTINUES = re.compile(r"\\[ \t]*\Z")
_HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_VARIABLE = re.compile(r"\\.|\$\{([A-Za-z_]\w*)(?::([-+])([^${}]*))?\}|\$([A-Za-z_]\w*)|\$")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s+")
_IMAGE = re.compile(
    r"(?:(?P<registry>(?:localhost|[A-Za-z0-9.-]+\.[A-Za-z0-9.-]+|[A-Za-z0-9.-]+(?=:\d+/))(?::\d{1,5})?)/)?"
    r"(?P<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?\Z"
)
# Podman would take these for a way to read an image from a path or another store.
_TRANSPORTS = frozenset(
    [
        "atomic",
        "containers-storage",
        "dir",
        "docker-archive",
        "docker-daemon",
        "oci",
        "oci-archive",
        "ostree",
        "sif",
        "tarball",
    ]
)


class Instruction(msgspec.Struct, frozen=True):
    """One instruction, its continued lines joined."""

    keyword: str
    rest: str
    line: int
    """Where it begins, from 1."""


class Containerfile(msgspec.Struct, frozen=True):
    """A Containerfile that may be built."""

    text: str
    """The one spelling."""
    images: tuple[str, ...]
    """Images it takes from elsewhere, as written (variables filled in), without repetition."""
    steps: int
    """Instructions from the first FROM on."""


def vet(text: str, name: str = "Containerfile") -> Containerfile:
    """Check and rewrite. Raises WorkFailed(containerfile_refused) with line and cure."""
    instructions = parse(text, name)
    arguments: dict[str, str] = {}
    stages: list[str] = []
    images: list[str] = []
    for one in instructions:
        if one.keyword == "FROM":
            image, stage = _from(one, arguments, name)
            if image.lower() not in stages and image != "scratch":
                images.append(checked_image(image, one, name))
            stages.append(stage or f"\0{len(stages)}")
            continue
        if not stages:
            if one.keyword != "ARG":
                raise _refused(name, one, "stands before the first FROM. Begin with FROM and an image")
            _remember(arguments, one)
            continue
        for image in vet_instruction(one, name):
            number = int(image) if image.isdigit() and len(image) < 4 else -1
            if image.lower() not in stages and not 0 <= number < len(stages):
                images.append(checked_image(image, one, name))
    if not stages:
        raise WorkFailed(Reason.containerfile_refused, f"{name} has no FROM. Begin it with FROM and a base image.")
    steps = len(instructions) - [one.keyword for one in instructions].index("FROM")
    written = "".join(f"{one.keyword} {one.rest}\n" for one in instructions)
    return Containerfile(written, tuple(dict.fromkeys(images)), steps)


def parse(text: str, name: str = "Containerfile") -> list[Instruction]:
    """Instructions in order, comments and continuations resolved. Raises WorkFailed(containerfile_refused)."""
    if "\0" in text:
        raise WorkFailed(Reason.containerfile_refused, f"{name} holds NUL bytes. Save it as plain text.")
    rows = [row.rstrip("\r") for row in text.removeprefix("\ufeff").split("\n")]
    _check_directives(rows, name)
    found: list[Instruction] = []
    pieces: list[str] = []
    begins = 0
    for number, row in enumerate(rows, start=1):
        if row.lstrip(" \t").startswith("#") or not row.strip():
            continue
        if not pieces:
            begins = number
        continues = _CONTINUES.search(row)
        pieces.append(row[: continues.start()] if continues else row)
        if continues:
            continue
        found.append(_instruction("".join(pieces), begins, rows[number:], name))
        pieces = []
    if pieces:
        found.append(_instruction("".join(pieces), begins, [], name))
    return found


def _check_directives(rows: list[str], name: str) -> None:
    for row in rows:
        if not row.startswith("#"):
            return
        if re.match(r"#\s*escape\s*=\s*(?!\\\s*\Z)", row, re.IGNORECASE):
            raise WorkFailed(
                Reason.containerfile_refused, f"{name} sets another escape character. Use the backslash, the default."
            )


def _instruction(joined: str, line: int, following: list[str], name: str) -> Instruction:
    keyword, *rest = joined.strip(" \t").split(None, 1)
    one = Instruction(keyword.upper(), rest[0].rstrip(" \t") if rest else "", line)
    if one.keyword not in _KEYWORDS or not one.rest:
        raise _refused(name, one, "is not an instruction. Check the spelling, and `\\` at the end of the line above")
    if one.keyword in {"RUN", "COPY", "ADD"}:
        marked = [match[2] for match in _HEREDOC.finditer(one.rest)]
        if any(row.lstrip("\t") in marked for row in following):
            raise _refused(name, one, "uses a here-document (<<). Write a script file, COPY and RUN it")
    return one


def _from(one: Instruction, arguments: dict[str, str], name: str) -> tuple[str, str]:
    rest = one.rest
    while (flag := _FLAG.match(rest)) is not None:
        if flag[1] != "platform":
            raise _refused(name, one, f"has the flag --{flag[1]}, which is not supported. Remove it")
        rest = rest[flag.end() :]
    words = rest.split()
    if len(words) == 3 and words[1].upper() == "AS":
        stage = words[2].lower()
    elif len(words) == 1:
        stage = ""
    else:
        raise _refused(name, one, "must be `FROM image` or `FROM image AS name`")
    return _expanded(words[0], arguments, one, name), stage


def _remember(arguments: dict[str, str], one: Instruction) -> None:
    """ARG before the first FROM: its default may stand in FROM lines."""
    for word in one.rest.split():
        key, equals, value = word.partition("=")
        if equals:
            arguments[key] = value.strip("\"'")


def _expanded(word: str, arguments: dict[str, str], one: Instruction, name: str) -> str:
    def fill(match: re.Match[str]) -> str:
        variable = match[1] or match[4]
        if variable is None:
            raise _refused(name, one, "uses a `$` or `\\` that is not understood there. Write the image's name plainly")
        value = arguments.get(variable, "")
        if match[2] == "-":
            return value or match[3]
        if match[2] == "+":
            return match[3] if value else ""
        if not value:
            raise _refused(name, one, f"needs ${variable}, which has no default. Write ARG {variable}=… above FROM")
        return value

    return _VARIABLE.sub(fill, word.strip("\"'"))


def vet_instruction(one: Instruction, name: str = "Containerfile") -> list[str]:
    """Images that COPY, ADD and RUN take files from. Raises WorkFailed(containerfile_refused)."""
    keyword, rest = one.keyword, one.rest
    if keyword == "ONBUILD":
        inner, *more = rest.split(None, 1)
        return vet_instruction(Instruction(inner.upper(), more[0] if more else "", one.line), name)
    images = []
    while keyword in {"RUN", "COPY", "ADD"} and (flag := _FLAG.match(rest)) is not None:
        images += _flag(flag[1], flag[2] or "", one, name)
        rest = rest[flag.end() :]
    if keyword == "ADD":
        _check_add(rest, one, name)
    return images


def _flag(flag: str, value: str, one: Instruction, name: str) -> list[str]:
    if "$" in value and flag in {"from", "mount"}:
        raise _refused(name, one, f"uses a variable in --{flag}. Write it out")
    if flag == "from":
        return [value]
    if flag == "mount":
        fields = dict(pair.partition("=")[::2] for pair in value.split(","))
        if fields.get("type", "bind") not in {"bind", "cache", "secret", "tmpfs"}:
            raise _refused(name, one, f"mounts type={fields.get('type')}. Only bind, cache, secret and tmpfs are given")
        return [fields["from"]] if fields.get("from") else []
    if flag in {"network", "security"} and value != "none":
        raise _refused(name, one, f"asks for --{flag}={value}. Remove it: builds have their own network and rights")
    return []


def _check_add(rest: str, one: Instruction, name: str) -> None:
    """ADD fetches addresses from the host, past the builds' network policy."""
    sources = rest
    if rest.startswith("["):
        try:
            sources = " ".join(str(word) for word in json.loads(rest))
        except ValueError:
            sources = rest
    if "$" in sources or "\\" in sources or re.search(r"://|git@|\bgit:|\.git\b", sources):
        raise _refused(
            name, one, "may fetch from an address. Use COPY for files of the repository, and RUN curl for downloads"
        )


def checked_image(image: str, one: Instruction, name: str) -> str:
    """A plain image reference. Raises WorkFailed(containerfile_refused)."""
    match = _IMAGE.match(image)
    if match is None or (match["registry"] is None and match["path"] in _TRANSPORTS):
        raise _refused(name, one, f"names {image[:100]!r}, which is no image name such as docker.io/library/debian:13")
    return image


def registry(image: str) -> tuple[str, int]:
    """(host, port) of the registry an image comes from; short names are Docker Hub's."""
    match = _IMAGE.match(image)
    if match is None or not match["registry"]:
        return "registry-1.docker.io", 443
    host, _, port = match["registry"].partition(":")
    return ("registry-1.docker.io" if host == "docker.io" else host), int(port or 443)


def _refused(name: str, one: Instruction, what: str) -> WorkFailed:
    return WorkFailed(Reason.containerfile_refused, f"{name}, line {one.line}: {one.keyword[:30]} {what}.")
