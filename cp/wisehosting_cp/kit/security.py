"""Random tokens, the names of request parts that carry them, and where a person may be sent back to."""

import hashlib
import re
import secrets
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

API_TOKEN_PREFIX = "wh_"  # noqa: S105 - a prefix, not a secret
CSRF_HEADER = "x-wh-csrf"
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*\Z", re.ASCII)


def new_token(prefix: str = "") -> str:
    """Return 256 random bits as 43 URL-safe characters after a prefix."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return what is kept of a random token: its SHA-256. The token has 256 bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def bearer_of(connection: HTTPConnection) -> str | None:
    """Return the bearer token of a request. When there is one, cookies count for nothing."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def origin_of(url: str) -> str:
    """Return scheme and authority of a URL, as browsers send them in `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def local_path(wanted: str | None) -> str:
    """Return a path of this site to go on to, or `/` for anything that could leave it."""
    if not wanted or len(wanted) > 2000 or not _LOCAL_PATH.match(wanted):
        return "/"
    lowered = wanted.lower()
    if lowered.startswith(("/%2f", "/%5c", "/auth/", "/.")):
        return "/"
    return wanted
