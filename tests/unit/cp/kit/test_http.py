"""What the log says of a request."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from wisehosting_cp.kit.http import LONGEST_LOGGED_PATH, RequestScope

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("fails", [False, True])
async def test_of_a_path_that_anybody_wrote_only_the_beginning_is_logged(fails: bool) -> None:
    path = "/" + "eyJ-" * 16_000

    async def app(scope: Any, _: Any, send: Any) -> None:
        assert scope["path"] == path
        if fails:
            raise RuntimeError("broken")
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(_: MutableMapping[str, Any]) -> None:
        return

    with capture_logs() as said:
        await RequestScope(app)({"type": "http", "method": "GET", "path": path, "headers": []}, lambda: None, send)  # type: ignore[arg-type,return-value]
    assert [line["path"] for line in said] == [path[:LONGEST_LOGGED_PATH]] * (1 + fails)
