"""Read a Containerfile, refuse what would reach beyond the build, and write it down in one spelling. Pure.

What Podman gets is written from what was checked here, one instruction a line: two readers cannot disagree about it.
"""

import json
import re

import msgspec

from wisehosting_agent.build import mounts
from wisehosting_agent.build.mounts import CacheMount, cache_of
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
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_HEREDOC = re.compile(r"(?<!<)<<-?\s*([A-Za-z_][A-Za-z0-9_]*)")
_QUOTED_HEREDOC = re.compile(r"(?<!<)<<-?[^\s<>]*['\"\\]")
_VARIABLE = re.compile(r"\\.|\$\{([A-Za-z_]\w*)(?::([-+])([^${}]*))?\}|\$([A-Za-z_]\w*)|\$")
_FLAG = re.compile(r"--([a-z-]+)(?:=([^\s'\"\\]*))?[ \t]+")
_STAGE = re.compile(r"[a-z][a-z0-9_.-]*\Z", re.IGNORECASE)
_STAGE_NUMBER = re.compile(r"[0-9]{1,3}\Z")
_IMAGE = re.compile(
    r"(?:(?P<registry>(?:localhost|[A-Za-z0-9.-]+\.[A-Za-z0-9.-]+|[A-Za-z0-9.-]+(?=:\d+/))(?::\d{1,5})?)/)?"
    r"(?P<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?\Z"
)
_FLAGS = {
    "FROM": {"platform"},
    "RUN": {"mount", "network", "security"},
    "COPY": {"from", "chown", "chmod", "link", "parents", "exclude"},
    "ADD": {"chown", "chmod", "link", "checksum", "exclude", "keep-git-dir", "unpack"},
}
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
    stages: tuple[str, ...] = ()
    """Names of its stages; empty for those without."""


def vet(text: str, name: str = "Containerfile") -> Containerfile:
    """Check and rewrite; what was rewritten is rewritten to itself. Raises WorkFailed(containerfile_refused) with line and cure."""
    arguments: dict[str, str] = {}
    stages: list[str] = []
    images: list[str] = []
    written: list[str] = []
    steps = 0
    for one in parse(text, name):
        rest = one.rest
        if one.keyword == "FROM":
            rest, image, stage = _from(one, arguments, name)
            if image != "scratch" and not _is_stage(image, stages, one, name):
                images.append(checked_image(image, one, name))
            stages.append(stage)
        elif stages:
            rest, taken = vet_instruction(one, name)
            foreign = [image for image in taken if not _is_stage(image, stages, one, name, numbers=True)]
            images += [checked_image(image, one, name) for image in foreign]
        elif one.keyword == "ARG":
            _remember(arguments, one)
        else:
            raise _refused(name, one, "stands before the first FROM. Begin with FROM and an image")
        steps += bool(stages)
        written.append(f"{one.keyword} {rest}\n")
    if not stages:
        raise WorkFailed(Reason.containerfile_refused, f"{name} has no FROM. Begin it with FROM and a base image.")
    return Containerfile("".join(written), tuple(dict.fromkeys(images)), steps, tuple(stages))


def _is_stage(image: str, stages: list[str], one: Instruction, name: str, *, numbers: bool = False) -> bool:
    """Whether it is a stage above. Podman tells `One` from `one`, others do not: both spellings at once are refused."""
    if numbers and _STAGE_NUMBER.match(image):
        return int(image) < len(stages)
    if image in stages and image:
        return True
    if image.lower() in {stage.lower() for stage in stages if stage}:
        raise _refused(name, one, f"spells the stage {image[:100]!r} otherwise than its FROM. Write both the same")
    return False


def parse(text: str, name: str = "Containerfile") -> list[Instruction]:
    """Instructions in order, comments and continuations resolved. Raises WorkFailed(containerfile_refused)."""
    rows = [row.rstrip("\r") for row in text.removeprefix("\ufeff").split("\n")]
    for number, row in enumerate(rows, start=1):
        if (control := _CONTROL.search(row)) is not None:
            raise WorkFailed(
                Reason.containerfile_refused,
                f"{name}, line {number} holds the control character {ord(control[0]):#04x}. Save it as plain text.",
            )
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
    joined = "".join(pieces)
    while (continues := _CONTINUES.search(joined)) is not None:
        joined = joined[: continues.start()]
    if joined.strip():
        found.append(_instruction(joined, begins, [], name))
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
    keyword, *rest = joined.split(None, 1)
    one = Instruction(keyword.upper(), rest[0].rstrip(" \t") if rest else "", line)
    if one.keyword not in _KEYWORDS or not one.rest:
        raise _refused(name, one, "is not an instruction. Check the spelling, and `\\` at the end of the line above")
    if one.keyword in {"RUN", "COPY", "ADD", "ONBUILD"}:
        marked = {match[1] for match in _HEREDOC.finditer(one.rest)}
        if _QUOTED_HEREDOC.search(one.rest) or any(row.lstrip("\t") in marked for row in following):
            raise _refused(name, one, "uses a here-document (<<). Write a script file, COPY and RUN it")
    return one


def _from(one: Instruction, arguments: dict[str, str], name: str) -> tuple[str, str, str]:
    """(the instruction's rest with variables filled in, its image, its stage's name or "")."""
    flags, rest = _split_flags(one.keyword, one.rest, one, name)
    words = rest.split()
    if len(words) == 3 and words[1].upper() == "AS":
        if not _STAGE.match(words[2]):
            raise _refused(name, one, f"names its stage {words[2][:100]!r}. Use letters, digits, '.', '_' and '-'")
    elif len(words) != 1:
        raise _refused(name, one, "must be `FROM image` or `FROM image AS name`")
    image = _expanded(words[0], arguments, one, name)
    stage = words[2] if len(words) == 3 else ""
    shown = [f"--{flag}={value}" for flag, value in flags]
    return " ".join([*shown, image, *(["AS", stage] if stage else [])]), image, stage


def _split_flags(keyword: str, rest: str, one: Instruction, name: str) -> tuple[list[tuple[str, str]], str]:
    """The flags an instruction begins with, and what follows. Quotes and escapes in them are read differently by different readers."""
    flags: list[tuple[str, str]] = []
    while rest.startswith("--"):
        match = _FLAG.match(rest)
        if match is None:
            raise _refused(name, one, "has a flag with quotes, escapes or nothing behind it. Write it as --name=value")
        if match[1] not in _FLAGS[keyword]:
            raise _refused(name, one, f"has the flag --{match[1][:30]}, which is not supported. Remove it")
        flags.append((match[1], match[2] or ""))
        rest = rest[match.end() :].lstrip()
    if not rest:
        raise _refused(name, one, "has flags and nothing behind them. Complete it")
    return flags, rest


def _remember(arguments: dict[str, str], one: Instruction) -> None:
    """ARG before the first FROM: its default may stand in FROM lines."""
    for word in one.rest.split():
        key, equals, value = word.partition("=")
        if equals:
            arguments[key] = _VARIABLE.sub(
                lambda match: match[0] if match[2] else arguments.get(match[1] or match[4] or "", match[0]),
                value.strip("\"'"),
            )


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


def vet_instruction(one: Instruction, name: str = "Containerfile") -> tuple[str, list[str]]:
    """(its rest as it may be built, images that it takes files from). Raises WorkFailed(containerfile_refused)."""
    keyword, rest = one.keyword, one.rest
    if keyword == "ONBUILD":
        inner, *more = rest.split(None, 1)
        if inner.upper() not in _KEYWORDS - {"ONBUILD", "FROM", "MAINTAINER"} or not more:
            raise _refused(name, one, "is followed by no instruction that can be kept for later. Remove it")
        kept, images = vet_instruction(Instruction(inner.upper(), more[0], one.line), name)
        return f"{inner.upper()} {kept}", images
    if keyword not in {"RUN", "COPY", "ADD"}:
        return rest, []
    flags, rest = _split_flags(keyword, rest, one, name)
    images, shown = [], []
    for flag, value in flags:
        written, image = _flag(flag, value, one, name)
        shown.append(written)
        images += image
    if keyword == "ADD":
        _check_add(rest, one, name)
    return " ".join([*shown, rest]), images


def _flag(flag: str, value: str, one: Instruction, name: str) -> tuple[str, list[str]]:
    if "$" in value and flag in {"from", "mount"}:
        raise _refused(name, one, f"uses a variable in --{flag}. Write it out")
    if flag == "mount":
        fields = _mount(value, one, name)
        source = fields.get("from")
        return f"--mount={mounts.written(fields)}", [source] if source else []
    if flag in {"network", "security"} and value != "none":
        raise _refused(name, one, f"asks for --{flag}={value}. Remove it: builds have their own network and rights")
    return f"--{flag}={value}" if value else f"--{flag}", [value] if flag == "from" else []


def _mount(value: str, one: Instruction, name: str) -> dict[str, str]:
    try:
        return mounts.fields_of(value)
    except mounts.MountRefused as refused:
        raise _refused(name, one, str(refused)) from refused


def mounts_of(text: str) -> list[dict[str, str]]:
    """Fields of every mount of a vetted Containerfile, those kept for later among them."""
    found = []
    for one in parse(text):
        keyword, rest = one.keyword, one.rest
        if keyword == "ONBUILD":
            keyword, rest = rest.split(None, 1)
        if keyword == "RUN":
            flags, _ = _split_flags(keyword, rest, one, "Containerfile")
            found += [_mount(value, one, "Containerfile") for flag, value in flags if flag == "mount"]
    return found


def bound_sources(text: str) -> list[str]:
    """Paths of the context, without leading slash, that a vetted Containerfile mounts. None of them may lead through a link."""
    found = [fields for fields in mounts_of(text) if fields["type"] == "bind" and not fields.get("from")]
    sources = [[piece for piece in fields.get("source", "").split("/") if piece not in {"", "."}] for fields in found]
    return ["/".join(pieces) for pieces in sources if pieces]


def caches(text: str) -> list[CacheMount]:
    """What a vetted Containerfile wants kept from build to build, each name once: owner and mode are the first one's."""
    found: dict[str, CacheMount] = {}
    for fields in mounts_of(text):
        if (cache := cache_of(fields)) is not None:
            found.setdefault(cache.id, cache)
    return list(found.values())


def _check_add(rest: str, one: Instruction, name: str) -> None:
    """ADD fetches addresses from the host, past the builds' network policy. Podman resolves quotes before it looks for one."""
    words = rest.split()
    quoted = "'" in rest or '"' in rest
    if rest.startswith("["):
        try:
            words = [str(word) for word in json.loads(rest)]
            quoted = any("'" in word or '"' in word for word in words)
        except ValueError:
            pass
    if (
        quoted
        or "$" in rest
        or "\\" in rest
        or any(re.search(r"://|git@|\bgit:|\.git\b|\Agithub\.com/", word, re.IGNORECASE) for word in words)
    ):
        raise _refused(
            name, one, "may fetch from an address. Use COPY for files of the repository, and RUN curl for downloads"
        )


def checked_image(image: str, one: Instruction, name: str) -> str:
    """A plain image reference. Raises WorkFailed(containerfile_refused)."""
    match = _IMAGE.match(image)
    if match is None or image.partition("/")[0].partition(":")[0].lower() in _TRANSPORTS:
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
