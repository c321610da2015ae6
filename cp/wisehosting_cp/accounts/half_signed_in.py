"""Who is half signed in: named by the provider, and owing a second factor. Nothing else is open to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from wisehosting_cp.accounts.throttling import address_of, count_person, count_stranger
from wisehosting_cp.errors import NotSignedIn
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.http import request_id_of
from wisehosting_cp.kit.security import bearer_of, digest
from wisehosting_cp.kit.web import Ctx

_FIND = """
SELECT p.id, p.user_id, p.next, p.expires_at, u.name, u.email
FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
WHERE p.token_hash = $1 AND p.expires_at > $2 AND u.disabled_at IS NULL
"""


@dataclass(frozen=True)
class Pending:
    """A browser that owes a second factor."""

    id: UUID
    user_id: UUID
    next: str
    expires_at: datetime
    name: str
    email: str
    address: str
    request_id: str

    @property
    def holder(self) -> str:
        """Whose a passkey's challenge is."""
        return f"pending:{self.id}"

    def audit(self) -> dict[str, Any]:
        """Return what `kit.audit.record` wants to know of the asker."""
        return {"actor": f"user:{self.user_id}", "address": self.address, "request_id": self.request_id}


def pending_cookie(name: str) -> str:
    """Return the name of the cookie of a browser that is half signed in, from the session cookie's."""
    return f"{name}_second_factor"


async def pending_of(connection: HTTPConnection, ctx: Context) -> Pending | None:
    """Return the half sign-in that a request's cookie stands for, or None."""
    cookie = connection.cookies.get(pending_cookie(ctx.settings.session_cookie))
    if not cookie:
        return None
    async with ctx.db.hot() as hot:
        row = await hot.fetchrow(_FIND, digest(cookie), ctx.clock.now())
    if row is None:
        return None
    return Pending(**dict(row), address=address_of(connection), request_id=request_id_of(connection))


async def half_signed_in(connection: HTTPConnection, ctx: Ctx) -> Pending:
    """Return who owes a second factor, and count the request. Raises NotSignedIn, TooManyRequests."""
    if bearer_of(connection) is not None:
        raise NotSignedIn("A token takes no second factor, and gives none.", "token_invalid")
    found = await pending_of(connection, ctx)
    if found is None:
        if connection.cookies.get(pending_cookie(ctx.settings.session_cookie)):
            count_stranger(connection, ctx)
        raise NotSignedIn
    count_person(ctx, found.user_id)
    return found


HalfSignedIn = Annotated[Pending, Depends(half_signed_in)]
