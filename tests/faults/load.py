"""Open-loop load, in a process of its own: each request is sent when it is due, whatever became of those before.

python -m faults.load PORT CHANGED-HOST CHANGED-NAME UNTOUCHED-HOST UNTOUCHED-NAME RATE

On standard input: `mark` writes what happened since the last mark as one JSON line; `drain` says that instances of the
live deployment begin to drain; `stop` ends it. What fails, and who answers first, is said on standard error as it happens.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Callable

from faults.client import Visitor
from faults.streams import Streams
from faults.tally import Tally

SHORT_STREAM = 3.0
LONGEST_STREAM = 240.0
"""Under HAProxy's own end of workers after a reload, 10 minutes."""
Visitors = tuple[Visitor, Visitor]
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


async def main(port: int, apps: tuple[tuple[str, str], tuple[str, str]], rate: float) -> None:
    tallies = [Tally(name, say) for _, name in apps]
    (changed, untouched), streams = (
        [Visitor(port, host, tally) for (host, _), tally in zip(apps, tallies, strict=True)],
        [Streams(port, host, tally) for (host, _), tally in zip(apps, tallies, strict=True)],
    )
    flows = [
        flow(rate - 7, tallies[0], changed.get),
        flow(5, tallies[0], changed.post),
        flow(1, tallies[0], lambda _: streams[0].events(SHORT_STREAM)),
        flow(1, tallies[0], lambda _: streams[0].chat(SHORT_STREAM)),
        flow(rate / 20, tallies[1], untouched.get),
        flow(1, tallies[1], untouched.post),
    ]
    for one in streams:
        one.always(LONGEST_STREAM, each=2)
    running = [asyncio.create_task(one) for one in flows]
    sweeping = asyncio.create_task(sweep((changed, untouched)))
    gc.collect()
    gc.freeze()
    ordered = asyncio.create_task(obey(tallies, (changed, untouched)))
    await asyncio.wait([ordered, sweeping, *running], return_when=asyncio.FIRST_COMPLETED)
    for task in [one for one in running if one.done()] or [ordered]:
        task.result()  # a flow that broke: the load is not what it says any more
    for task in running:
        task.cancel()
    await report(tallies, (changed, untouched))
    sweeping.cancel()
    for one in streams:
        one.stop()


async def sweep(visitors: Visitors) -> None:
    while True:
        await asyncio.sleep(0.2)
        for visitor in visitors:
            visitor.sweep()


async def obey(tallies: list[Tally], visitors: Visitors) -> None:
    """Until `stop`, or the end of standard input."""
    reader = await commands()
    while (line := (await reader.readline()).strip()) and line != b"stop":
        if line == b"drain":
            tallies[0].drain_begins()
        else:
            await report(tallies, visitors)


async def report(tallies: list[Tally], visitors: Visitors) -> None:
    """Wait for the end of every request that is under way now, then write the window: it knows how they ended."""
    waited_for = [(visitor, visitor.under_way()) for visitor in visitors]
    while any(visitor.under_way() & sent for visitor, sent in waited_for):
        await asyncio.sleep(0.02)
    print(json.dumps({"changed": tallies[0].turn(), "untouched": tallies[1].turn()}), flush=True)  # noqa: T201 - its work


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    _, apps_port, *names, per_second = sys.argv
    asyncio.run(main(int(apps_port), ((names[0], names[1]), (names[2], names[3])), float(per_second)))
