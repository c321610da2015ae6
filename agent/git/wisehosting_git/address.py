"""Repository addresses and ref names, checked before git sees them. Pure."""

import ipaddress
import re
from typing import Self
from urllib.parse import urlsplit

import msgspec

from wisehosting_git.errors import BRANCH_GONE, UNREACHABLE, GitError

MAX_URL = 2048
MAX_REF = 250
PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_SCP = re.compile(r"[^/:@\s]+@[^/:\s]+:")
_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A repository's address in the one spelling git is given."""

    url: str
    scheme: str
    host: str
    """Lower case; an IPv6 literal without brackets."""
    port: int

    @classmethod
    def parse(cls, url: str, *, allow_http: bool = False) -> Self:
        """Check an address. `allow_http` is for local mode. Raises GitError(repository_unreachable)."""
        if not url or len(url) > MAX_URL or not _PRINTABLE.match(url) or url.startswith("-"):
            raise GitError(
                UNREACHABLE,
                "The repository's address holds characters that no address has (spaces, control characters, letters "
                "outside ASCII, or a leading dash). Copy the HTTPS clone address from the repository's page.",
            )
        if _SCP.match(url) or url.startswith(("ssh://", "git+ssh://")):
            raise GitError(
                UNREACHABLE,
                "Repositories over SSH need a deploy key, which comes with a later release. "
                "Use the repository's HTTPS address instead.",
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as exc:
            raise GitError(UNREACHABLE, f"The repository's address cannot be read: {exc}.") from exc
        allowed = ("https", "http") if allow_http else ("https",)
        if parts.scheme not in allowed:
            raise GitError(
                UNREACHABLE,
                f"Addresses that begin with {parts.scheme or 'no scheme'}: are not fetched. "
                "Use the repository's HTTPS address, https://….",
            )
        if parts.username is not None or parts.password is not None:
            raise GitError(
                UNREACHABLE,
                "The repository's address holds a user name or password. Remove it: addresses are shown to the whole "
                "team and end up in logs. If it was a real password, change it.",
            )
        if parts.query or parts.fragment or parts.path in {"", "/"}:
            raise GitError(
                UNREACHABLE,
                "The address names no repository. Copy the HTTPS clone address from the repository's page, "
                "such as https://example.org/you/app.git.",
            )
        host = _host(parts.hostname or "")
        wanted = port if port is not None else PORTS[parts.scheme]
        shown = f"[{host}]" if ":" in host else host
        return cls(
            url=f"{parts.scheme}://{shown}:{wanted}{parts.path}"
            if port is not None
            else f"{parts.scheme}://{shown}{parts.path}",
            scheme=parts.scheme,
            host=host,
            port=wanted,
        )


def _host(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    # The last label decides whether a resolver takes a name for a number: 0x7f.1, 2130706433 and 127.1 are addresses.
    if not _HOST.match(host) or re.match(r"(?:\d+|0x[0-9a-f]*)\Z", host.rsplit(".", 1)[-1]):
        raise GitError(
            UNREACHABLE,
            f"'{host}' is not a host name. Check the repository's address (write international names as xn--…).",
        )
    return host


def is_commit(text: str) -> bool:
    """Whether the text is a full commit id."""
    return _COMMIT.match(text) is not None


def check_commit(commit: str) -> str:
    """Return a full commit id. Raises GitError(branch_gone)."""
    if not is_commit(commit):
        raise GitError(BRANCH_GONE, f"'{commit[:80]!s}' is not a full commit id: 40 hexadecimal digits are needed.")
    return commit


def check_ref(name: str) -> str:
    """Return a branch or tag name that git accepts (git check-ref-format). Raises GitError(branch_gone)."""
    pieces = name.split("/")
    if (
        not name
        or len(name) > MAX_REF
        or name.startswith("-")
        or name == "@"
        or name.endswith(("/", "."))
        or _REF_FORBIDDEN.search(name)
        or any(not piece or piece.startswith(".") or piece.endswith(".lock") for piece in pieces)
    ):
        raise GitError(BRANCH_GONE, f"{name[:80]!r} is not a branch name. Set the project's branch to one that exists.")
    return name
