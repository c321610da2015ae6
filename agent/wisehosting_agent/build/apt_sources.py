"""The Debian mirror this machine itself uses, read from its apt sources. Pure apart from `of_machine`."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

PUBLIC = "http://deb.debian.org/debian"
PUBLIC_SECURITY = "http://deb.debian.org/debian-security"


class Mirror(msgspec.Struct, frozen=True, kw_only=True):
    """Where packages come from. Images keep these lines, so that a build's apt-get uses the same mirror."""

    main: str = PUBLIC
    security: str = PUBLIC_SECURITY

    def lines(self, suite: str) -> str:
        """sources.list of a base image of this release of Debian."""
        return (
            f"deb {self.main} {suite} main\n"
            f"deb {self.main} {suite}-updates main\n"
            f"deb {self.security} {suite}-security main\n"
        )


class Entry(msgspec.Struct, frozen=True):
    """One binary package source."""

    uri: str
    suite: str
    components: tuple[str, ...]


def parse_one_line(text: str) -> Iterator[Entry]:
    """Entries of a sources.list (one line each)."""
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 3 or words[0] != "deb":
            continue
        rest = words[1:]
        if rest[0].startswith("["):
            while rest and not rest[0].endswith("]"):
                rest = rest[1:]
            rest = rest[1:]
        if len(rest) >= 2:
            yield Entry(rest[0], rest[1], tuple(rest[2:]))


def parse_deb822(text: str) -> Iterator[Entry]:
    """Entries of a .sources file (stanzas)."""
    for stanza in _stanzas(text):
        if "deb" not in stanza.get("types", "").split() or stanza.get("enabled", "yes").lower() in {"no", "false"}:
            continue
        components = tuple(stanza.get("components", "").split())
        for uri in stanza.get("uris", "").split():
            for suite in stanza.get("suites", "").split():
                yield Entry(uri, suite, components)


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, name = {}, ""
        elif line[0] in " \t":
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()


def choose(entries: list[Entry], codename: str) -> Mirror:
    """The mirror among a Debian machine's sources; Debian's public one where there is none.

    A third party's source names a suite or component of its own; a path that ends in `debian` decides between several.
    """
    usable = [entry for entry in entries if entry.uri.startswith(("http://", "https://"))]
    main = [
        e for e in usable if e.suite in {codename, "stable", "testing", "unstable", "sid"} and "main" in e.components
    ]
    security = [e for e in usable if e.suite.rstrip("/") in {f"{codename}-security", "stable-security"}]
    main.sort(key=lambda entry: not entry.uri.rstrip("/").endswith("/debian"))
    return Mirror(
        main=main[0].uri.rstrip("/") if main else PUBLIC,
        security=security[0].uri.rstrip("/") if security else PUBLIC_SECURITY,
    )


def of_machine(root: Path = Path("/")) -> Mirror:
    """Read this machine's sources. A machine that is not Debian, or has none, gives Debian's public mirror."""
    release = _os_release(root)
    if release.get("ID") != "debian":
        return Mirror()
    folder = root / "etc/apt/sources.list.d"
    entries = [entry for text in _texts([root / "etc/apt/sources.list"]) for entry in parse_one_line(text)]
    entries += [entry for text in _texts(sorted(folder.glob("*.list"))) for entry in parse_one_line(text)]
    entries += [entry for text in _texts(sorted(folder.glob("*.sources"))) for entry in parse_deb822(text)]
    return choose([_follow(entry, root) for entry in entries], release.get("VERSION_CODENAME", ""))


def _texts(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        try:
            yield path.read_text("utf-8", "replace")
        except OSError:
            continue  # a source apt itself could not read either


def _follow(entry: Entry, root: Path) -> Entry:
    """Cloud images name a file that lists the mirrors (`mirror+file:/etc/apt/mirrors/debian.list`): take its first."""
    if not entry.uri.startswith("mirror+file:"):
        return entry
    listed = root / entry.uri.removeprefix("mirror+file:").lstrip("/")
    for text in _texts([listed]):
        for line in text.splitlines():
            words = line.partition("#")[0].split()
            if words:
                return Entry(words[0], entry.suite, entry.components)
    return entry


def _os_release(root: Path) -> dict[str, str]:
    fields = {}
    for text in _texts([root / "etc/os-release"]):
        for line in text.splitlines():
            name, equals, value = line.partition("=")
            if equals:
                fields[name.strip()] = value.strip().strip("\"'")
    return fields
