"""What can go wrong, as clients see it (problem+json).

WiseHostingError(status, code)
├── NotSignedIn      401   no session or token
├── Forbidden        403   signed in, not allowed
├── NotFound         404   the same for a foreign and a random id
├── Conflict         409   the state of things does not allow it
├── Invalid          400   understood, not acceptable; `fields` names which
├── TooManyRequests  429
└── Unavailable      503   a part we need does not answer; try again
"""

from collections.abc import Mapping


class WiseHostingError(Exception):
    """An error with a status, a machine-readable code and a sentence that says what to do."""

    status = 500
    title = "Something went wrong"

    def __init__(self, code: str, detail: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = dict(fields or {})


class NotSignedIn(WiseHostingError):
    """No valid session or token."""

    status = 401
    title = "Not signed in"

    def __init__(self, detail: str = "Sign in, or send an API token.", code: str = "not_signed_in") -> None:
        super().__init__(code, detail)


class Forbidden(WiseHostingError):
    """Signed in, but not allowed."""

    status = 403
    title = "Not allowed"


class NotFound(WiseHostingError):
    """No such thing, or not yours: the answer is the same."""

    status = 404
    title = "Not found"

    def __init__(self, code: str = "not_found", detail: str = "There is nothing here, or it is not yours.") -> None:
        super().__init__(code, detail)


class Conflict(WiseHostingError):
    """The state of things does not allow it."""

    status = 409
    title = "Conflict"


class Invalid(WiseHostingError):
    """Understood, not acceptable."""

    status = 400
    title = "Not acceptable"


class TooManyRequests(WiseHostingError):
    """Over a limit."""

    status = 429
    title = "Too many requests"

    def __init__(
        self, code: str, detail: str, *, fields: Mapping[str, str] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code, detail, fields=fields)
        self.retry_after = retry_after
        """Seconds."""


class Unavailable(WiseHostingError):
    """A part we need does not answer."""

    status = 503
    title = "Not available right now"
