"""What the log says of a request."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from wisehosting_cp.kit.http import LONGEST_LOGGED_PATH, RequestScope

pytestmark = pytest.mark.anyio


TOLD = [(b"cf-connecting-ip", b"192.0.2.7")]


async def nothing() -> MutableMapping[str, Any]:
    raise AssertionError


async def unheard(_: MutableMapping[str, Any]) -> None:
    return


async def empty(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})


@pytest.mark.parametrize("fails", [False, True])
async def test_of_a_path_that_anybody_wrote_only_the_beginning_is_logged(fails: bool) -> None:
    path = "/" + "eyJ-" * 16_000

    async def app(scope: Any, _: Any, send: Any) -> None:
        assert scope["path"] == path
        if fails:
            raise RuntimeError("broken")
        await send({"type": "http.response.start", "status": 204, "headers": []})

    with capture_logs() as said:
        await RequestScope(app)({"type": "http", "method": "GET", "path": path, "headers": []}, nothing, unheard)
    assert [line["path"] for line in said] == [path[:LONGEST_LOGGED_PATH]] * (1 + fails)


@pytest.mark.parametrize(
    ("client", "headers", "known", "lines"),
    [
        ("127.0.0.1", TOLD, False, 1),
        ("127.0.0.1", TOLD, True, 0),
        ("127.0.0.1", [], False, 0),
        # Anybody can send the header.
        ("198.51.100.9", TOLD, False, 0),
    ],
)
async def test_a_cloudflared_that_the_settings_do_not_know_of_is_told_once(
    client: str, headers: list[tuple[bytes, bytes]], known: bool, lines: int
) -> None:
    app = RequestScope(empty, behind_cloudflared=known)
    with capture_logs() as said:
        for _ in range(3):
            scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "client": (client, 1)}
            await app(scope, nothing, unheard)
    warnings = [line for line in said if line["log_level"] == "warning"]
    assert len(warnings) == lines
    assert all("WISEHOSTING_BEHIND_CLOUDFLARED=true" in line["fix"] for line in warnings)
