"""Client of HAProxy's runtime API: one connection for a question, one for a batch of orders."""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress import parse
from wisehosting_agent.ingress.commands import Command, Maps, batches
from wisehosting_agent.ingress.model import Entries, Seen, SlotName

_REPLY_LIMIT = 64 * 1024 * 1024
_MANY = 100
"""Backends that one line asks about; for more the whole list costs less."""


class Runtime:
    """Asks and orders through the admin socket. Every call may be repeated; each opens its own connection."""

    def __init__(self, socket: Path, maps: Maps, *, timeout_seconds: float = 5) -> None:
        self._socket = socket
        self._maps = maps
        self._timeout = timeout_seconds
        self.issued = 0
        """Commands that changed something, counted since the start of this agent."""

    async def ask(self, question: str) -> str:
        """Send one line, return the whole reply. Raises IngressError when HAProxy does not answer in time."""
        try:
            async with asyncio.timeout(self._timeout):
                reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=_REPLY_LIMIT)
                try:
                    writer.write(question.encode("ascii") + b"\n")
                    await writer.drain()
                    reply = await reader.read()
                finally:
                    writer.close()
                    await writer.wait_closed()
        except (OSError, TimeoutError) as error:
            verb = " ".join(question.split(";", 1)[0].split()[:3])
            raise IngressError(f"ask HAProxy ({verb}): its socket {self._socket} does not answer: {error!r}") from error
        return reply.decode("utf-8", "replace")

    async def order(self, commands: Sequence[Command]) -> None:
        """Issue commands in order. Raises IngressError that names the first refused one; later batches are not sent then."""
        for batch in batches(commands):
            reply = await self.ask(";".join(command.line for command in batch))
            self.issued += len(batch)
            answers = split_replies(reply)
            if len(answers) != len(batch):
                raise IngressError(f"order HAProxy: {len(batch)} commands, {len(answers)} answers: {reply[:200]!r}")
            for command, answer in zip(batch, answers, strict=True):
                if not command.accepts(answer):
                    raise IngressError(f"order HAProxy ({command.line}): it answered {answer!r}")

    async def observe(self) -> Seen:
        """All maps and slots as HAProxy holds them now."""
        used = parse.used_connections(await self.ask("show servers conn"))
        return Seen(
            hosts=await self._entries(self._maps.hosts),
            backends=await self._entries(self._maps.backends),
            numbers=await self._entries(self._maps.numbers),
            slots=parse.slot_states(await self.ask("show servers state"), used),
        )

    async def look(self, seen: Seen, places: Collection[str]) -> Seen:
        """`seen`, with these maps (by path) and backends (by name) as HAProxy holds them now. Its cost is theirs only."""
        maps = self._maps
        backends = sorted(place for place in places if place not in {maps.hosts, maps.backends, maps.numbers})
        if len(backends) > _MANY:
            return await self.observe()
        slots = seen.slots
        if backends:
            used = parse.used_connections(await self.ask(";".join(f"show servers conn {name}" for name in backends)))
            states = await self.ask(";".join(f"show servers state {name}" for name in backends))
            slots = {**slots, **parse.slot_states(states, used)}
        return Seen(
            hosts=await self._entries(maps.hosts) if maps.hosts in places else seen.hosts,
            backends=await self._entries(maps.backends) if maps.backends in places else seen.backends,
            numbers=await self._entries(maps.numbers) if maps.numbers in places else seen.numbers,
            slots=slots,
        )

    async def _entries(self, path: str) -> Entries:
        return parse.map_entries(await self.ask(f"show map {path}"))

    async def connections(self, backend: str) -> tuple[int, dict[SlotName, int]]:
        """Requests and streams a backend still has, and the connections of its slots."""
        used = parse.used_connections(await self.ask(f"show servers conn {backend}"))
        waiting = parse.current_requests(await self.ask(f"show stat {backend} 2 -1"))
        return max(waiting, sum(used.values())), used

    async def information(self) -> dict[str, str]:
        """Fields of `show info`: Pid of the worker, Version, description."""
        return parse.information(await self.ask("show info"))


def split_replies(reply: str) -> list[str]:
    """Answers of a batch: each ends with an empty line, success is nothing before it."""
    answers: list[str] = []
    lines: list[str] = []
    for line in reply.split("\n")[:-1]:
        if line:
            lines.append(line)
        else:
            answers.append("\n".join(lines))
            lines = []
    if lines:
        answers.append("\n".join(lines))
    return answers
