"""Where a forge shows what lies between two commits. Pure: nothing is asked."""

import re
from urllib.parse import urlsplit

FORGES = {"github.com": "", "gitlab.com": "/-", "codeberg.org": ""}
"""Forges that show comparisons, and what stands before `/compare/` in their addresses."""
MOST_SEGMENTS = {"gitlab.com": 20}
"""GitLab nests groups; elsewhere it is owner and name."""
SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,255}\Z")
COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")


def compare_url(repository: str, older: str, newer: str) -> str | None:
    """Return the address of a comparison, or None where none can be built beyond doubt.

    A link is followed by people who trust the dashboard: only https, only the forges above by their exact name, no
    user, port, query or escape; the address is put together from checked parts, never taken over as it is.
    """
    if older == newer or not (COMMIT.match(older) and COMMIT.match(newer)):
        return None
    if not (repository.isascii() and repository.isprintable()):
        # urlsplit would drop line breaks without a word.
        return None
    try:
        parts = urlsplit(repository)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or host not in FORGES or parts.netloc.lower() != host or port is not None:
        return None
    if parts.query or parts.fragment:
        return None
    segments = parts.path.removesuffix("/").removesuffix(".git").split("/")[1:]
    if not 2 <= len(segments) <= MOST_SEGMENTS.get(host, 2):
        return None
    if not all(SEGMENT.match(segment) and set(segment) != {"."} and segment != "-" for segment in segments):
        return None
    return f"https://{host}/{'/'.join(segments)}{FORGES[host]}/compare/{older}...{newer}"
