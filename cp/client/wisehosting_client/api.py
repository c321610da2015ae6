"""The REST client: one method a call, plain dictionaries out, typed errors."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

import httpx2

from wisehosting_client.access import Access
from wisehosting_client.errors import NotLoggedIn, Refused, Unreachable

Json: TypeAlias = dict[str, Any]

TRIES = 3
"""How often a creating call is sent when its answer does not come."""


class ServerEvent(NamedTuple):
    """One server-sent event."""

    event: str
    data: Json
    id: str


class Api:
    """Talks to one platform."""

    def __init__(
        self,
        access: Access,
        *,
        transport: httpx2.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.access = access
        self._wait = wait
        self._http = httpx2.Client(
            base_url=access.api,
            headers={"Authorization": f"Bearer {access.token}", "Accept": "application/json"},
            timeout=httpx2.Timeout(10, read=60),
            transport=transport,
        )

    def session(self) -> Json:
        """Return who the token belongs to."""
        return self._call("GET", "/session")

    def projects(self) -> list[Json]:
        """Return all projects."""
        return self._all("/projects")

    def project(self, name: str) -> Json:
        """Return the project of this name. Raises Refused when there is none."""
        found = [item for item in self.projects() if item["name"] == name]
        if not found:
            raise Refused(404, "not_found", f"There is no project {name}. See: wh projects")
        return found[0]

    def create_project(self, name: str, url: str, *, branch: str, root_directory: str) -> Json:
        """Create a project; its first deployment is queued."""
        source = {"provider": "git", "url": url, "branch": branch, "root_directory": root_directory}
        return self._create("/projects", {"name": name, "source": source})

    def deploy(self, project_id: str, ref: str | None) -> Json:
        """Start a deployment."""
        return self._create(f"/projects/{project_id}/deployments", {"ref": ref} if ref else {})

    def deployments(self, project_id: str) -> list[Json]:
        """Return the newest deployments."""
        items: list[Json] = self._call("GET", f"/projects/{project_id}/deployments")["items"]
        return items

    def deployment(self, deployment_id: str) -> Json:
        """Return a deployment."""
        return self._call("GET", f"/deployments/{deployment_id}")

    def deployment_log(self, deployment_id: str, after: str = "") -> Iterator[ServerEvent]:
        """Follow a build's log until it ends."""
        return self._stream(f"/deployments/{deployment_id}/log", after)

    def environment_log(self, environment_id: str, *, follow: bool) -> Iterator[ServerEvent]:
        """Follow the log of all instances of an environment; without `follow`, its last lines."""
        if follow:
            yield from self._stream(f"/environments/{environment_id}/log")
            return
        for line in self._call("GET", f"/environments/{environment_id}/log?format=json&tail=500")["items"]:
            yield ServerEvent("line", line, "")

    def _all(self, path: str) -> list[Json]:
        items: list[Json] = []
        cursor = None
        while True:
            page = self._call("GET", path + (f"?cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def _create(self, path: str, body: Json) -> Json:
        """Send a call whose answer may be lost on the way: sent again with the same key, it has no second effect."""
        headers = {"Idempotency-Key": str(uuid4())}
        for attempt in range(1, TRIES):
            try:
                return self._call("POST", path, body, headers)
            except Unreachable as error:
                if isinstance(error.__cause__, httpx2.ConnectError):
                    # Nothing was sent, and nobody is there.
                    raise
                self._wait(0.5 * 2**attempt)
        return self._call("POST", path, body, headers)

    def _call(self, method: str, path: str, body: Json | None = None, headers: dict[str, str] | None = None) -> Json:
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.is_error:
            raise _refusal(answer.status_code, answer.content)
        found: Json = answer.json() if answer.content else {}
        return found

    def _stream(self, path: str, after: str = "") -> Iterator[ServerEvent]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        try:
            with self._http.stream("GET", path, headers=headers) as answer:
                if answer.is_error:
                    raise _refusal(answer.status_code, answer.read())
                yield from parse_events(answer.iter_lines())
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(
            f"{self.access.dashboard} does not answer ({type(error).__name__}). "
            "Start the platform with: ./dev up, or choose another with: wh login"
        )


def parse_events(lines: Iterator[str]) -> Iterator[ServerEvent]:
    """Read server-sent events (WHATWG HTML, Server-sent events) from lines; comments are keep-alives."""
    event, last = "message", ""
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield ServerEvent(event, json.loads("\n".join(data)), last)
            event, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            event = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            last = value


def _refusal(status: int, content: bytes) -> Refused | NotLoggedIn:
    try:
        problem = json.loads(content)
        code, detail = problem["code"], problem["detail"]
        fields = "".join(f"\n  {name}: {sentence}" for name, sentence in (problem.get("fields") or {}).items())
    except (ValueError, KeyError, TypeError):
        code, detail, fields = "unexpected", f"The platform answered {status} without saying why.", ""
    if status == httpx2.codes.UNAUTHORIZED:
        return NotLoggedIn(f"{detail} Run: wh login")
    return Refused(status, code, detail + fields)
