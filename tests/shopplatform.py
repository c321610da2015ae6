"""A platform with one project, as `wh` sees it: answers that tests choose, and a memory of what was sent."""

import json
from typing import Any, NamedTuple

import httpx2

from wisehosting_client.access import Access

PLATFORM = Access("http://platform.test/api/v1", "wh_secret", "http://platform.test", "localhost:8080")


def deployment(number: int, status: str = "live", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"d{number}",
        "number": number,
        "project_name": "shop",
        "status": status,
        "reason": None,
        "detail": None,
        "next_step": None,
        "cause": "api",
        "commit": f"{number:08x}ffff",
        "subject": f"Change [{number}].",
        "release": number,
        "url": "http://shop.test/",
        "created_at": "2026-12-01T09:30:00Z",
        "finished_at": "2026-12-01T09:31:00Z",
        "phases": [{"phase": "built", "seconds": 2.0}],
        "waiting_for": None,
        **changes,
    }


def release(number: int, rollback: str) -> dict[str, Any]:
    return {
        "number": number,
        "rollback": rollback,
        "commit": f"{number:08x}ffff",
        "deployment": number,
        "variables_version": 1,
        "image_size": 12_300_000,
        "created_at": "2026-12-01T09:30:00Z",
        "subject": None,
    }


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def next(self) -> str:
        """The command the error ends with."""
        return self.err.rstrip().rpartition("\n")[2]


class Shop:
    """A platform with the project `shop`: answers by method and path, a list one after the other; remembers what was sent."""

    def __init__(self) -> None:
        self.environment: dict[str, Any] = {
            "id": "e1",
            "url": "http://shop.test/",
            "hostname": "shop.test",
            "replicas": 1,
            "live": deployment(3),
            "latest": deployment(3),
        }
        self.project: dict[str, Any] = {
            "id": "p1",
            "name": "shop",
            "source": {
                "provider": "git",
                "url": "https://git.test/shop",
                "branch": "main",
                "root_directory": "",
                "submodules": False,
                "large_files": False,
            },
            "build": {},
            "settings_version": "v1",
            "deleted_at": None,
            "purge_at": None,
            "last_seen": None,
            "environments": [self.environment],
        }
        self.answers: dict[str, Any] = {
            "GET /projects": self.page(self.project),
            "GET /projects/p1": self.project,
            "GET /instances": self.page(),
            "GET /projects/p1/deployments": self.page(
                deployment(3), deployment(2, "failed", release=None), deployment(1, "replaced")
            ),
            "GET /environments/e1/releases": self.page(release(3, "live"), release(1, "instant")),
            "GET /environments/e1/variables": {
                "version": 7,
                "items": [{"name": "KEY", "scope": "both", "updated_at": "2026-12-01T09:30:00Z"}],
            },
        }
        self.sent: list[tuple[str, Any]] = []
        self.headers: list[httpx2.Headers] = []

    @staticmethod
    def page(*items: Any) -> dict[str, Any]:
        return {"items": list(items), "next_cursor": None}

    def deleted(self) -> None:
        self.project |= {"deleted_at": "2026-12-01T09:30:00Z", "purge_at": "2999-12-08T09:30:00Z"}
        self.environment |= {"live": None}

    def refuses(self, call: str, code: str, status: int = 409) -> None:
        self.answers[call] = httpx2.Response(status, json={"code": code, "detail": "No."})

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        call = f"{request.method} {request.url.path.removeprefix('/api/v1')}"
        if request.method != "GET":
            self.sent.append((call + ("?" + request.url.query.decode() if request.url.query else ""), body_of(request)))
            self.headers.append(request.headers)
            if request.method == "POST" and call != "POST /plans":
                assert request.headers["idempotency-key"]
        found = self.answers[call]
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, httpx2.Response):
            return found
        if callable(found):
            found = found()
        return httpx2.Response(200, json=found)


def body_of(request: httpx2.Request) -> Any:
    return json.loads(request.content) if request.content else None
