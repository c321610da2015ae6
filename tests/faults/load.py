"""Open-loop load, in a process of its own: each request is sent when it is due, whatever became of those before.

python -m faults.load PORT CHANGED-HOST CHANGED-NAME UNTOUCHED-HOST UNTOUCHED-NAME RATE

On standard input: `mark` writes what happened since the last mark as one JSON line; `drain` says that instances of the
live deployment begin to drain; `stop` ends it. What fails, and who answers first, is said on standard error as it happens.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable

from faults.client import Visitor
from faults.streams import Streams
from faults.tally import Tally

SHORT_STREAM = 3.0
LONGEST_STREAM = 240.0
"""Under HAProxy's own end of workers after a reload, 10 minutes."""
BEGUN = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - BEGUN:8.3f} {text}", file=sys.stderr, flush=True)  # noqa: T201 - its work


async def flow(per_second: float, tally: Tally, launch: Callable[[float], None]) -> None:
    """Launch at fixed times. What is overdue is launched at once; how late goes into the tally."""
    due = time.monotonic() + 1 / per_second
    while True:
        while due <= (now := time.monotonic()):
            tally.window.lateness.append(now - due)
            launch(due)
            due += 1 / per_second
        await asyncio.sleep(due - now)


async def commands() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main(port: int, changed: tuple[str, str], untouched: tuple[str, str], rate: float) -> None:
    tallies = [Tally(changed[1], say), Tally(untouched[1], say)]
    visitors = [Visitor(port, host, tally) for (host, _), tally in zip((changed, untouched), tallies, strict=True)]
    streams = [Streams(port, host, tally) for (host, _), tally in zip((changed, untouched), tallies, strict=True)]
    flows = [
        flow(rate - 7, tallies[0], visitors[0].get),
        flow(5, tallies[0], visitors[0].post),
        flow(1, tallies[0], lambda _: streams[0].events(SHORT_STREAM)),
        flow(1, tallies[0], lambda _: streams[0].chat(SHORT_STREAM)),
        flow(rate / 20, tallies[1], visitors[1].get),
        flow(1, tallies[1], visitors[1].post),
    ]
    running = [asyncio.create_task(one) for one in flows]
    for one in streams:
        for chat in (False, True):
            for _ in range(2):
                one.always(LONGEST_STREAM, chat=chat)

    async def sweep() -> None:
        while True:
            await asyncio.sleep(0.2)
            for visitor in visitors:
                visitor.sweep()

    running.append(asyncio.create_task(sweep()))
    reader = await commands()
    gc.collect()
    gc.freeze()
    while (line := (await reader.readline()).strip()) and line != b"stop":
        if line == b"drain":
            tallies[0].drain_begins()
        else:
            report(tallies)
    for task in running[:-1]:
        task.cancel()
    while any(visitor.under_way for visitor in visitors):
        await asyncio.sleep(0.05)
    report(tallies)
    for one in streams:
        one.stop()


def report(tallies: list[Tally]) -> None:
    print(json.dumps({"changed": tallies[0].turn(), "untouched": tallies[1].turn()}), flush=True)  # noqa: T201 - its work


if __name__ == "__main__":
    _, apps_port, *names, per_second = sys.argv
    asyncio.run(main(int(apps_port), (names[0], names[1]), (names[2], names[3]), float(per_second)))
