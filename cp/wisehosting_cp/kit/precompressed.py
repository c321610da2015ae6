"""Serves the dashboard's scripts and styles as the build compressed them: smaller than what is affordable per request."""

import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CODING = "br"
_COMPRESSED = re.compile(r"/(?:[\w-]+/)?assets/[\w-]+(?:\.[\w-]+)*\.(js|css)")
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


class Precompressed:
    """Answers `/assets/x.js` with `x.js.br` where there is one and the browser takes it (RFC 9110, 12.5.3)."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = _COMPRESSED.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None or not _takes(Headers(scope=scope)) or not self._is_there(asked[0]):
            await self._app(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-encoding"] = CODING
                headers["content-type"] = _TYPES[asked[1]]
                headers.add_vary_header("Accept-Encoding")
            await send(message)

        path = f"{asked[0]}.{CODING}"
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, named)

    def _is_there(self, path: str) -> bool:
        return (self._folder / f"{path[1:]}.{CODING}").is_file()


def _takes(headers: Headers) -> bool:
    wanted = (part.partition(";") for part in headers.get("accept-encoding", "").split(","))
    return any(
        name.strip() == CODING and quality.replace(" ", "") not in {"q=0", "q=0.0"} for name, _, quality in wanted
    )
