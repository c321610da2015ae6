"""One look at an instance from outside: does it answer HTTP."""

import asyncio

import msgspec

ANSWER_SECONDS = 5.0
HEAD_BYTES = 512


class Answer(msgspec.Struct, frozen=True):
    """What one GET saw."""

    status: int | None
    """HTTP status; None when there was no HTTP answer."""
    accepted: bool
    """The TCP connection was accepted. Port publishing may accept although nothing listens, so only `status` proves life."""
    detail: str = ""
    slow: bool = False
    """Accepted, and the time was over before it answered."""

    @property
    def ready(self) -> bool:
        """Answers below 500."""
        return self.status is not None and self.status < 500


async def ask(address: str, port: int, path: str, *, seconds: float = ANSWER_SECONDS) -> Answer:
    """`GET path` over a new connection. Never raises for what the app does."""
    accepted = False
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port)
            accepted = True
            writer.write(_request(path))
            await writer.drain()
            head = await reader.read(HEAD_BYTES)
            while head and b"\n" not in head and len(head) < HEAD_BYTES:
                more = await reader.read(HEAD_BYTES - len(head))
                if not more:
                    break
                head += more
    except TimeoutError:
        return Answer(None, accepted, f"no answer within {seconds:g} s", slow=accepted)
    except OSError as error:
        return Answer(None, accepted, error.strerror or str(error))
    finally:
        if writer is not None:
            writer.transport.abort()
    parts = head.split(b"\n", 1)[0].split()
    if len(parts) >= 2 and parts[0].startswith(b"HTTP/") and parts[1].isdigit() and len(parts[1]) == 3:
        return Answer(int(parts[1]), accepted)
    return Answer(None, accepted, "closed without an answer" if not head else "the answer is not HTTP")


def _request(path: str) -> bytes:
    target = "".join(character for character in path if "!" <= character <= "~") or "/"
    return (
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: WiseHosting-health\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    ).encode()
