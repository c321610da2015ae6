"""ETag and If-Match (RFC 9110, sections 8.8.3 and 13.1.1): a change is refused when it was made from an older state."""

import re
from typing import Annotated

from fastapi import Header

from wisehosting_cp.errors import WiseHostingError

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of what was changed, as it was read. When it is another by now, nothing is changed: 412.",
    ),
]

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


class Stale(WiseHostingError):
    """Changed by somebody else since it was read."""

    status = 412
    title = "Changed meanwhile"


def etag(version: int | str) -> str:
    """Return the ETag of a version: its number, or a word without quotes."""
    return f'"{version}"'


def matches(if_match: str | None, version: int | str) -> bool:
    """Tell whether a change may go ahead at this version: without If-Match, with `*`, or when its ETag is listed.

    A weak ETag is never equal here, and a header that is no list of ETags lists none.
    """
    if if_match is None or if_match.strip() == "*":
        return True
    return any(not weak and f'"{tag}"' == etag(version) for weak, tag in _TAG.findall(if_match))
