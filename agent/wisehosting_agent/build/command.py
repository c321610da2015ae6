"""Run a program to its end: argv lists, no inherited environment, killed with its group when the task is cancelled."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

KEPT_LINES = 40
STOP_SECONDS = 10.0


class CommandFailed(Exception):
    """A program ended with another status than 0. `status` None: it could not be started."""

    def __init__(self, verb: str, status: int | None, tail: str) -> None:
        super().__init__(f"{verb}: {tail or f'status {status}'}")
        self.status = status
        self.tail = tail


class Done(msgspec.Struct, frozen=True):
    """How a program ended."""

    status: int
    stdout: str
    stderr: str


async def run(argv: Sequence[str], *, environment: dict[str, str], seconds: float = 120) -> Done:
    """Run to the end and return what it said. Raises CommandFailed when it does not start or end in time."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as exc:
        raise CommandFailed(f"start {argv[0]}", None, str(exc)) from exc
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate()
    except TimeoutError as exc:
        raise CommandFailed(f"run {argv[0]}", None, f"no answer within {seconds:g} s") from exc
    finally:
        await _end(process)
    return Done(process.returncode or 0, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"))


async def check(argv: Sequence[str], verb: str, *, environment: dict[str, str], seconds: float = 600) -> str:
    """Run to the end and return stdout. Raises CommandFailed with the verb and the last of stderr."""
    done = await run(argv, environment=environment, seconds=seconds)
    if done.status:
        raise CommandFailed(verb, done.status, done.stderr.strip()[-1000:])
    return done.stdout


async def follow(
    argv: Sequence[str],
    verb: str,
    line: Callable[[str], Awaitable[None]],
    *,
    environment: dict[str, str],
    stdin: bytes = b"",
) -> None:
    """Run to the end and hand over each line of its output as it comes. Raises CommandFailed with the last lines."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=1024 * 1024,
        )
    except OSError as exc:
        raise CommandFailed(verb, None, str(exc)) from exc
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        if process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(stdin)
                await process.stdin.drain()
            process.stdin.close()
        while process.stdout is not None and (row := await process.stdout.readline()):
            text = row.decode("utf-8", "replace").rstrip()
            tail.append(text)
            await line(text)
        status = await process.wait()
    finally:
        await _end(process)
    if status:
        # unshare and env say 127 for a program that is not there
        raise CommandFailed(verb, None if status == 127 else status, "\n".join(tail))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop what still runs: asked first, so that it removes its own temporary files."""
    if process.returncode is not None:
        return
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, wanted)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
                return
