"""Encoded answers that are given again while nothing changed: most tabs ask for the same list, and seldom for a new one."""

import asyncio
import gzip
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import Database

REMEMBER_SECONDS = 5.0
"""As long as a credential: what another process of ours writes is not announced here."""
REMEMBER_BYTES = 16 * 1024 * 1024
"""Of answers as they are; what they take compressed as well is a tenth of that."""
COMPRESSION = 5
"""Of 9: within one per cent of the smallest, in half the time."""
ENTRY_BYTES = 1024
"""About what an entry takes beside its answer: without it, empty answers would be without end."""


@dataclass(slots=True)
class Answer:
    """One that was made, good until a time of the clock or a change after a position of the wake-ups."""

    until: float
    at: str
    plain: bytes
    _packed: bytes | None = None

    def packed(self) -> bytes:
        """Return it compressed (gzip), which is done once."""
        if self._packed is None:
            self._packed = gzip.compress(self.plain, COMPRESSION, mtime=0)
        return self._packed


class Answers:
    """Answers of one database, by what was asked. A change that is announced ends those it may be part of.

    Where the wake-ups stand is noted before the rows are read. A transaction that commits meanwhile announces itself later
    than that, so what was read without it is not given again.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Answer] = OrderedDict()
        self._making: dict[Hashable, tuple[str, asyncio.Future[bytes]]] = {}
        self._bytes = 0

    async def of(
        self, ctx: Context, asked: Hashable, topics: tuple[str, ...], make: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Return the answer; it is made anew when one of the topics was announced since. `asked` holds who may see it.

        Many who ask at once wait for the first of them, as long as nothing changed since that one began.
        """
        known = self.again(ctx, asked, topics)
        if known is not None:
            return known.plain
        now = ctx.clock.monotonic()
        making = self._making.get(asked)
        if making is not None and ctx.events.after(making[0], *topics) == []:
            await asyncio.wait({making[1]})
            if not making[1].cancelled():
                return making[1].result()
        at = ctx.events.position
        made = await self._made(asked, at, make)
        self._keep(asked, now + REMEMBER_SECONDS, at, made)
        return made

    def again(self, ctx: Context, asked: Hashable, topics: tuple[str, ...]) -> Answer | None:
        """Return the answer that was made, when none of the topics was announced since."""
        known = self._known.get(asked)
        if known is None or ctx.clock.monotonic() >= known.until or ctx.events.after(known.at, *topics) != []:
            return None
        self._known.move_to_end(asked)
        return known

    async def _made(self, asked: Hashable, at: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        mine = (at, asyncio.get_running_loop().create_future())
        self._making[asked] = mine
        try:
            made = await make()
            mine[1].set_result(made)
            return made
        finally:
            # Also when this request is given up or fails: whoever waits for it makes its own.
            mine[1].cancel()
            if self._making.get(asked) is mine:
                del self._making[asked]

    def _keep(self, asked: Hashable, until: float, at: str, made: bytes) -> None:
        before = self._known.pop(asked, None)
        self._bytes += _size(made) - (_size(before.plain) if before else 0)
        self._known[asked] = Answer(until, at, made)
        while self._bytes > REMEMBER_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._bytes -= _size(oldest.plain)


def _size(answer: bytes) -> int:
    return ENTRY_BYTES + len(answer)


_of: weakref.WeakKeyDictionary[Database, Answers] = weakref.WeakKeyDictionary()


def answers_of(ctx: Context) -> Answers:
    """Return the answers of this process: one object for each database it opened."""
    known = _of.get(ctx.db)
    if known is None:
        known = _of[ctx.db] = Answers()
    return known
