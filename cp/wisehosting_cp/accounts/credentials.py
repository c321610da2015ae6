"""Who a cookie or token belongs to: one prepared statement, remembered for at most five seconds."""

import functools
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from wisehosting_cp.accounts.models import Role, Scope
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import SECURITY
from wisehosting_cp.kit.security import digest

REMEMBER_SECONDS = 5.0
REMEMBER_MOST = 10_000

ALL_SCOPES = frozenset(Scope)
IMPLIED: Mapping[Scope, frozenset[Scope]] = {
    Scope.read: frozenset({Scope.read}),
    Scope.deploy: frozenset({Scope.read, Scope.deploy}),
    Scope.admin: ALL_SCOPES,
}

# Whoever has a second factor cannot sign in without it, so that having one is enough where a team asks for it.
_HAS_FACTOR = """(EXISTS (SELECT FROM totp_credentials f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
             OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = u.id))"""
_PERSON = f"""u.id AS user_id, u.operator,
       ARRAY(SELECT (m.team_id, m.role)::text FROM memberships m JOIN teams t ON t.id = m.team_id
             WHERE m.user_id = u.id AND t.deleted_at IS NULL
             AND (NOT t.second_factor_required OR {_HAS_FACTOR})) AS teams,
       ARRAY(SELECT (p.project_id, p.role)::text FROM project_roles p WHERE p.user_id = u.id) AS projects"""  # noqa: S608 - put together from constants
_SESSION = f"""
SELECT s.id AS credential_id, s.expires_at, NULL::jsonb AS scopes, NULL::uuid AS project_id, {_PERSON}
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL
"""  # noqa: S608 - put together from constants
_OF_BEARER = f"""
SELECT a.id AS credential_id, a.expires_at, a.scopes, a.project_id, {_PERSON}
FROM api_tokens a JOIN users u ON u.id = a.user_id
WHERE a.token_hash = $1 AND a.revoked_at IS NULL AND a.expires_at > $2 AND u.disabled_at IS NULL
"""  # noqa: S608 - put together from constants
_SEEN = """
UPDATE sessions SET last_seen_at = seen.at FROM unnest($1::uuid[], $2::timestamptz[]) AS seen(id, at)
WHERE sessions.id = seen.id AND (last_seen_at IS NULL OR last_seen_at < seen.at)
"""
_USED = """
UPDATE api_tokens SET last_used_at = used.at FROM unnest($1::uuid[], $2::timestamptz[]) AS used(id, at)
WHERE api_tokens.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)
"""


@dataclass(frozen=True)
class Known:
    """A credential that was good when it was looked up."""

    credential_id: UUID
    user_id: UUID
    operator: bool
    teams: Mapping[UUID, Role]
    projects: Mapping[UUID, Role]
    project_id: UUID | None
    scopes: frozenset[Scope]
    expires_at: datetime


class Credentials:
    """Looks up cookies and tokens, remembers the good ones for a moment, and collects when each was used.

    What is remembered goes as soon as this process hears of a revocation (`accounts.epoch`).
    """

    def __init__(self, database: Database) -> None:
        self._database = weakref.ref(database)
        self._known: OrderedDict[bytes, tuple[float, Known]] = OrderedDict()
        self._used: dict[UUID, datetime] = {}
        self._seen: dict[UUID, datetime] = {}
        self._revocations = database.events.subscribe(SECURITY)
        self._heard = 0
        self.lookups = 0
        """Statements sent, for tests that count them."""

    async def session(self, context: Context, cookie: str) -> Known | None:
        """Return whose browser session this is, or None."""
        known = await self._look_up(context, b"s", cookie, _SESSION)
        if known is not None:
            self._seen[known.credential_id] = context.clock.now()
        return known

    async def token(self, context: Context, token: str) -> Known | None:
        """Return whose API token this is, or None; the use is noted."""
        known = await self._look_up(context, b"t", token, _OF_BEARER)
        if known is not None:
            self._used[known.credential_id] = context.clock.now()
        return known

    async def flush_used(self, context: Context) -> int:
        """Write when tokens and sessions were last used, one statement each; return how many. Nothing new, nothing written."""
        used, self._used = self._used, {}
        seen, self._seen = self._seen, {}
        for statement, batch in ((_USED, used), (_SEEN, seen)):
            if batch:
                async with context.db.hot() as connection:
                    await connection.execute(statement, list(batch), list(batch.values()))
        return len(used) + len(seen)

    def _remembered(self, context: Context, key: bytes) -> Known | None:
        remembered = self._known.get(key)
        if remembered is None:
            return None
        until, known = remembered
        if context.clock.monotonic() < until and known.expires_at > context.clock.now():
            return known
        del self._known[key]
        return None

    async def _look_up(self, context: Context, kind: bytes, secret: str, statement: str) -> Known | None:
        key = kind + digest(secret)
        heard = self._hear()
        remembered = self._remembered(context, key)
        if remembered is not None:
            return remembered
        now = context.clock.now()
        self.lookups += 1
        async with context.db.hot() as connection:
            row = await connection.fetchrow(statement, key[1:], now)
        if row is None:
            return None
        known = _known(row)
        if self._hear() != heard:
            # Read before the revocation, perhaps: good for this request, not to be remembered.
            return known
        self._known[key] = (context.clock.monotonic() + REMEMBER_SECONDS, known)
        while len(self._known) > REMEMBER_MOST:
            self._known.popitem(last=False)
        return known

    def _hear(self) -> int:
        """Drop what is remembered when there was a revocation; return how many were heard of."""
        if self._revocations.take():
            self._known.clear()
            self._heard += 1
        return self._heard


def _known(row: Any) -> Known:
    scopes = ALL_SCOPES
    if row["scopes"] is not None:
        named = [Scope(word) for word in msgspec.json.decode(row["scopes"])]
        scopes = frozenset().union(*(IMPLIED[scope] for scope in named))
    return Known(
        credential_id=row["credential_id"],
        user_id=row["user_id"],
        operator=row["operator"],
        teams=_roles(tuple(row["teams"])),
        projects=_roles(tuple(row["projects"])),
        project_id=row["project_id"],
        scopes=scopes,
        expires_at=row["expires_at"],
    )


@functools.lru_cache(maxsize=REMEMBER_MOST)
def _roles(pairs: tuple[str, ...]) -> Mapping[UUID, Role]:
    """Read PostgreSQL's text of (uuid, role) rows: neither holds a comma or a quote."""
    split = (pair.strip("()").split(",") for pair in pairs)
    return MappingProxyType({UUID(of): Role(role) for of, role in split})


_of: weakref.WeakKeyDictionary[Database, Credentials] = weakref.WeakKeyDictionary()


def credentials_of(context: Context) -> Credentials:
    """Return the credentials of this process: one object for each database it opened."""
    known = _of.get(context.db)
    if known is None:
        known = _of[context.db] = Credentials(context.db)
    return known
