"""Asks the control plane the few things the supervisor shows. Plain http on loopback, one short request at a time."""

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

SECONDS = 5


class Api:
    """The control plane of this platform."""

    def __init__(self, url: str, token: str = "") -> None:
        self._address = urlsplit(url)
        self._token = token

    async def ready(self) -> bool:
        """Whether it answers and its database has the right schema."""
        return await self.get("/readyz") is not None

    async def get(self, path: str) -> dict[str, Any] | None:
        """The JSON object at the path; None while it cannot be had."""
        return await asyncio.to_thread(self._get, path)

    def _get(self, path: str) -> dict[str, Any] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self._address.port, timeout=SECONDS)
        headers = {"Host": self._address.netloc}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            found = json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        return found if isinstance(found, dict) else None
