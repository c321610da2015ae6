"""Who a cookie or token belongs to: one prepared statement for all who ask at once, remembered for at most five seconds."""

import asyncio
import contextvars
import functools
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from wisehosting_cp.accounts.models import Role, Scope
from wisehosting_cp.accounts.permissions import ALL_SCOPES, IMPLIED
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database
from wisehosting_cp.kit.events import SECURITY
from wisehosting_cp.kit.security import digest

REMEMBER_SECONDS = 5.0
REMEMBER_MOST = 10_000
PATIENCE_SECONDS = 1.0
"""How long the next who ask wait for a statement that is under way."""
STATEMENT_SECONDS = 2.0
"""How long one may take until it is cancelled. With PATIENCE_SECONDS: so few at once that the pool has more."""


# A team may ask for a second factor. Having one is not enough: a session or token that is older may be in other hands.
_HAS_FACTOR = """(EXISTS (SELECT FROM totp_credentials f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
             OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = u.id))"""
_PERSON = f"""given.second_factor, u.id AS user_id, u.operator,
       ARRAY(SELECT (m.team_id, m.role)::text FROM memberships m JOIN teams t ON t.id = m.team_id
             WHERE m.user_id = u.id AND t.deleted_at IS NULL
             AND (NOT t.second_factor_required OR given.second_factor AND {_HAS_FACTOR})) AS teams,
       ARRAY(SELECT (p.project_id, p.role)::text FROM project_roles p WHERE p.user_id = u.id) AS projects"""  # noqa: S608 - put together from constants
_SESSION = f"""
SELECT s.token_hash, s.id AS credential_id, s.expires_at, NULL::jsonb AS scopes, NULL::uuid AS project_id, {_PERSON}
FROM sessions s JOIN users u ON u.id = s.user_id, LATERAL (SELECT s.stepped_up_at IS NOT NULL AS second_factor) given
WHERE s.token_hash = ANY($1::bytea[]) AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL
"""  # noqa: S608 - put together from constants
_OF_BEARER = f"""
SELECT a.token_hash, a.id AS credential_id, a.expires_at, a.scopes, a.project_id, {_PERSON}
FROM api_tokens a JOIN users u ON u.id = a.user_id, LATERAL (SELECT a.second_factor) given
WHERE a.token_hash = ANY($1::bytea[]) AND a.revoked_at IS NULL AND a.expires_at > $2 AND u.disabled_at IS NULL
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
    second_factor: bool
    """Whether one was given for it."""


_Asked: TypeAlias = "tuple[bytes, asyncio.Future[Known | None]]"


class _Together:
    """Looks digests up. Those that are asked for while a statement is under way go together with the next.

    A statement begins after everybody whom it answers has asked, so that nobody is told what was true before.
    """

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._waiting: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self.sent = 0

    async def of(self, context: Context, key: bytes) -> Known | None:
        """Return whose it is, or None."""
        answer: asyncio.Future[Known | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None:
            # In nobody's context: who asks first is not whom the statement is for.
            self._asking = asyncio.create_task(self._ask(context), context=contextvars.Context())
        return await answer

    async def _ask(self, context: Context) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                statement = asyncio.create_task(self._answer(context, asked))
                self._under_way.add(statement)
                statement.add_done_callback(self._under_way.discard)
                # A connection that hangs holds up those who asked by it, and nobody else.
                await asyncio.wait([statement], timeout=PATIENCE_SECONDS)
        finally:
            self._asking = None
            _nobody_answers(self._waiting)

    async def _answer(self, context: Context, asked: list[_Asked]) -> None:
        self.sent += 1
        try:
            async with context.db.hot() as connection:
                keys = list({key for key, _ in asked})
                rows = await connection.fetch(self._statement, keys, context.clock.now(), timeout=STATEMENT_SECONDS)
            found = {row["token_hash"]: row for row in rows}
            for key, answer in asked:
                _tell(answer, found.get(key))
        except Exception as error:  # noqa: BLE001  # whoever asked has it
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
        finally:
            _nobody_answers(asked)


def _tell(answer: asyncio.Future[Known | None], row: Any) -> None:
    if answer.done():
        return
    try:
        answer.set_result(None if row is None else _known(row))
    except ValueError as error:  # a role or scope that this process does not know, of this one credential
        answer.set_exception(error)


def _nobody_answers(asked: list[_Asked]) -> None:
    """Of a process that stops: nobody waits for what does not come."""
    for _, answer in asked:
        answer.cancel()


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
        self._sessions, self._tokens = _Together(_SESSION), _Together(_OF_BEARER)

    @property
    def lookups(self) -> int:
        """Statements sent, for tests that count them."""
        return self._sessions.sent + self._tokens.sent

    async def session(self, context: Context, cookie: str) -> Known | None:
        """Return whose browser session this is, or None."""
        known = await self._look_up(context, b"s", cookie, self._sessions)
        if known is not None:
            self._seen[known.credential_id] = context.clock.now()
        return known

    async def token(self, context: Context, token: str) -> Known | None:
        """Return whose API token this is, or None; the use is noted."""
        known = await self._look_up(context, b"t", token, self._tokens)
        if known is not None:
            self._used[known.credential_id] = context.clock.now()
        return known

    async def flush_used(self, context: Context) -> int:
        """Write when tokens and sessions were last used, one statement each; return how many.

        Nothing new, nothing written. What cannot be written is kept for the next time.
        """
        used, self._used = self._used, {}
        seen, self._seen = self._seen, {}
        try:
            for statement, batch in ((_USED, used), (_SEEN, seen)):
                if batch:
                    async with context.db.hot() as connection:
                        await connection.execute(statement, list(batch), list(batch.values()))
        except BaseException:
            # Written twice is as good as once; what was noted meanwhile is newer.
            self._used, self._seen = used | self._used, seen | self._seen
            raise
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

    async def _look_up(self, context: Context, kind: bytes, secret: str, together: _Together) -> Known | None:
        key = kind + digest(secret)
        heard = self._hear()
        remembered = self._remembered(context, key)
        if remembered is not None:
            return remembered
        known = await together.of(context, key[1:])
        if known is None:
            return None
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
        second_factor=row["second_factor"],
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
