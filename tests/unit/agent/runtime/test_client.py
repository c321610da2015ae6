"""What the client makes of Podman's answers; a unix socket that says what Podman 4.3.1 was heard to say."""

from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from wisehosting_agent.runtime import client
from wisehosting_agent.runtime.client import PodmanClient, PodmanRefused

CRASHED = '{"cause":"runtime error","message":"runtime error: invalid memory address or nil pointer dereference"}'
MISSING = '{"cause":"no such image","message":"no such image"}'


class Answers:
    """Answers one status and body after the other; the last one for ever."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, stream: SocketStream) -> None:
        async with stream:
            while request := await stream.receive():
                if not request.endswith(b"\r\n\r\n"):
                    continue
                status, body = self.answers[min(self.asked, len(self.answers) - 1)]
                self.asked += 1
                head = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
                await stream.send((head + body).encode())
                return


async def got(folder: Path, answers: Answers) -> list[str] | PodmanRefused:
    socket = folder / "podman.sock"
    listener = await anyio.create_unix_listener(socket)
    async with listener, anyio.create_task_group() as group, PodmanClient(socket, "start it") as podman:
        group.start_soon(listener.serve, answers)
        try:
            return await podman.get("x", list[str], verb="read")
        except PodmanRefused as refused:
            return refused
        finally:
            group.cancel_scope.cancel()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ_AGAIN", (0.0,) * len(client.READ_AGAIN))


def test_what_podman_read_while_a_build_changed_it_is_read_again(tmp_path: Path) -> None:
    answers = Answers((500, CRASHED), (500, CRASHED), (200, '["a"]'))
    assert anyio.run(got, tmp_path, answers) == ["a"]
    assert answers.asked == 3


def test_a_reader_that_always_crashes_is_told_in_the_end(tmp_path: Path) -> None:
    answers = Answers((500, CRASHED))
    assert "Podman could not read: runtime error" in str(anyio.run(got, tmp_path, answers))
    assert answers.asked == len(client.READ_AGAIN) + 1


def test_any_other_refusal_is_told_at_once(tmp_path: Path) -> None:
    answers = Answers((404, MISSING))
    assert "no such image" in str(anyio.run(got, tmp_path, answers))
    assert answers.asked == 1
