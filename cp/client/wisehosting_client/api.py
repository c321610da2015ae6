"""The REST client: one method a call, plain dictionaries out, typed errors.

httpx2 is loaded with the first client: completion and what looks at a folder do without it, and begin sooner.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import urlencode
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

from wisehosting_client.access import Access
from wisehosting_client.errors import NotLoggedIn, Refused, Unreachable

Json: TypeAlias = dict[str, Any]

UNAUTHORIZED = 401
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
        seconds: float = 60,
    ) -> None:
        import httpx2

        self.access = access
        self.wait = wait
        self._lost = httpx2.HTTPError
        self._absent = httpx2.ConnectError
        self._http = httpx2.Client(
            base_url=access.api,
            headers={"Authorization": f"Bearer {access.token}", "Accept": "application/json"},
            timeout=httpx2.Timeout(min(10, seconds), read=seconds),
            transport=transport,
        )

    def session(self) -> Json:
        """Return who the token belongs to."""
        return self._call("GET", "/session")

    def projects(self) -> list[Json]:
        """Return all projects."""
        return list(self._pages("/projects"))

    def project(self, name: str) -> Json:
        """Return the project of this name, or of this id. Raises Refused when there is none, or one in several teams."""
        found = [item for item in self.projects() if name in {item["name"], item["id"]}]
        if not found:
            raise Refused(404, "not_found", f"There is no project {name}.", "wh projects")
        if len(found) > 1:
            ids = ", ".join(item["id"] for item in found)
            raise Refused(409, "ambiguous", f"Several of your teams have a project {name}. Name it by its id: {ids}")
        return found[0]

    def project_by_id(self, project_id: str) -> Json:
        """Return a project."""
        return self._call("GET", f"/projects/{project_id}")

    def delete_project(self, project_id: str, *, for_good: bool) -> Json:
        """Delete a project; `for_good` ends the grace of one that is deleted already. Twice is once."""
        return self._call("DELETE", f"/projects/{project_id}" + ("?for_good=true" if for_good else ""))

    def restore_project(self, project_id: str) -> Json:
        """Take a deletion back; the environment's latest deployment then starts what was live. Twice is once."""
        return self._create(f"/projects/{project_id}/restore", {})

    def create_project(
        self, name: str, url: str, *, branch: str, root_directory: str, settings: dict[str, Json] | None = None
    ) -> Json:
        """Create a project, with further settings of its `source` and `build`; its first deployment is queued."""
        more = settings or {}
        source = {"provider": "git", "url": url, "branch": branch, "root_directory": root_directory}
        build = {"build": more["build"]} if more.get("build") else {}
        return self._create("/projects", {"name": name, "source": {**source, **more.get("source", {})}, **build})

    def change_project(self, project_id: str, change: Json, *, version: str) -> Json:
        """Set `source` and `build` of a project. Raises Refused(412) when `version` is not of what is set any more."""
        return self._call("PATCH", f"/projects/{project_id}", change, {"If-Match": f'"{version}"'})

    def plan(self, project_id: str) -> Json:
        """Return how a project's branch would be built."""
        return self._call("GET", f"/projects/{project_id}/plan")

    def plan_of(self, source: Json, build: Json) -> Json:
        """Return how a repository would be built with these settings. Nothing is stored."""
        return self._call("POST", "/plans", {"source": source, "build": build})

    def deploy(self, project_id: str, ref: str | None) -> Json:
        """Start a deployment."""
        return self._create(f"/projects/{project_id}/deployments", {"ref": ref} if ref else {})

    def deployments(self, project_id: str) -> Iterator[Json]:
        """Return deployments, newest first; further pages are read when they are asked for."""
        return self._pages(f"/projects/{project_id}/deployments")

    def cancel(self, deployment_id: str) -> Json:
        """Cancel an active deployment."""
        return self._create(f"/deployments/{deployment_id}/cancel", {})

    def releases(self, environment_id: str) -> Iterator[Json]:
        """Return releases, newest first, with what making each live again takes."""
        return self._pages(f"/environments/{environment_id}/releases")

    def roll_back(self, environment_id: str, release: int) -> Json:
        """Make a release live again."""
        return self._create(f"/environments/{environment_id}/rollback", {"release": release})

    def restart(self, environment_id: str) -> Json:
        """Replace the live instances by new ones of the same release."""
        return self._create(f"/environments/{environment_id}/restart", {})

    def instances(self, environment_id: str) -> list[Json]:
        """Return the instances that exist or should, kept and leaving ones included, oldest first."""
        return list(self._pages(f"/instances?environment={environment_id}"))

    def scale(self, environment_id: str, replicas: int) -> Json:
        """Set how many instances run; return the project. The same number again changes nothing."""
        return self._call("PATCH", f"/environments/{environment_id}", {"replicas": replicas})

    def variables(self, environment_id: str) -> Json:
        """Return the names and scopes of variables, and their version. Values never come out."""
        return self._call("GET", f"/environments/{environment_id}/variables")

    def write_variables(self, environment_id: str, change: Json, *, version: int) -> Json:
        """Write and remove variables as one new version. Raises Refused(412) when `version` is not the newest any more."""
        path = f"/environments/{environment_id}/variables"
        return self._call("PUT", path, change, {"If-Match": f'"{version}"'})

    def deployment(self, deployment_id: str) -> Json:
        """Return a deployment."""
        return self._call("GET", f"/deployments/{deployment_id}")

    def build(self, deployment_id: str) -> Json:
        """Return how a deployment's image came to be. Raises Refused(404, no_build) when nothing was built for it."""
        return self._call("GET", f"/deployments/{deployment_id}/build")

    def deployment_log(self, deployment_id: str, after: str = "") -> Iterator[ServerEvent]:
        """Follow a build's log until it ends."""
        return self._stream(f"/deployments/{deployment_id}/log", after)

    def deployment_lines(self, deployment_id: str) -> Iterator[Json]:
        """Return the lines of a build's log that are there now."""
        cursor = ""
        while True:
            more = urlencode({"format": "json", "limit": 1000} | ({"cursor": cursor} if cursor else {}))
            page = self._call("GET", f"/deployments/{deployment_id}/log?{more}")
            yield from page["items"]
            if not page["items"] or page["next_cursor"] is None:
                return
            cursor = page["next_cursor"]

    def environment_log(self, environment_id: str, after: str = "", *, tail: int) -> Iterator[ServerEvent]:
        """Follow the log of all instances of an environment, from the last `tail` lines of each, or after an event."""
        return self._stream(f"/environments/{environment_id}/log?tail={tail}", after)

    def environment_lines(self, environment_id: str, *, tail: int) -> list[Json]:
        """Return the last lines of an environment's instances."""
        found: list[Json] = self._call("GET", f"/environments/{environment_id}/log?format=json&tail={tail}")["items"]
        return found

    def check(self, project_id: str) -> Json:
        """Look at the project's branch now; what was not seen before is deployed."""
        return self._create(f"/projects/{project_id}/check", {})

    def new_hook_secret(self, project_id: str) -> Json:
        """Make a new secret for the project's webhook; the old one ends."""
        return self._create(f"/projects/{project_id}/hook-secret", {})

    def all_instances(self) -> list[Json]:
        """Return the instances of all one's environments."""
        return list(self._pages("/instances"))

    def platform(self) -> Json:
        """Return whether the platform can build and run apps now."""
        return self._call("GET", "/platform")

    def workers(self) -> list[Json]:
        """Return all workers."""
        return list(self._pages("/workers"))

    def jobs(self) -> Iterator[Json]:
        """Return jobs of workers, newest first."""
        return self._pages("/jobs")

    def audit_events(self, wanted: dict[str, str]) -> Iterator[Json]:
        """Return what was done in the teams one administers, newest first: `team`, `action`, `actor`, `since`, `until`."""
        return self._pages(f"/audit-events?{urlencode(wanted)}")

    def tokens(self) -> list[Json]:
        """Return one's own tokens that still work."""
        return list(self._pages("/account/tokens"))

    def create_token(self, name: str, scopes: list[str], days: int) -> Json:
        """Make a token; the answer shows it, this once."""
        return self._create("/account/tokens", {"name": name, "scopes": scopes, "expires_in_days": days})

    def revoke_token(self, token_id: str) -> None:
        """Revoke one of one's own tokens."""
        self._call("DELETE", f"/account/tokens/{token_id}")

    def teams(self) -> list[Json]:
        """Return one's teams."""
        return list(self._pages("/teams"))

    def team(self, team_id: str) -> Json:
        """Return a team with its people and open invitations."""
        return self._call("GET", f"/teams/{team_id}")

    def create_team(self, name: str) -> Json:
        """Make a team."""
        return self._create("/teams", {"name": name})

    def invite(self, team_id: str, email: str, role: str, days: int) -> Json:
        """Invite an address; the answer shows the link, this once."""
        body = {"email": email, "role": role, "expires_in_days": days}
        return self._create(f"/teams/{team_id}/invitations", body)

    def set_team_role(self, team_id: str, user_id: str, role: str) -> Json:
        """Give a member another role."""
        return self._call("PATCH", f"/teams/{team_id}/members/{user_id}", {"role": role})

    def remove_member(self, team_id: str, user_id: str) -> None:
        """Take a member out of a team."""
        self._call("DELETE", f"/teams/{team_id}/members/{user_id}")

    def _pages(self, path: str) -> Iterator[Json]:
        cursor = None
        while True:
            more = f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else ""
            page = self._call("GET", path + more)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _create(self, path: str, body: Json) -> Json:
        """Send a call whose answer may be lost on the way: sent again with the same key, it has no second effect."""
        headers = {"Idempotency-Key": str(uuid4())}
        for attempt in range(1, TRIES):
            try:
                return self._call("POST", path, body, headers)
            except Unreachable as error:
                if isinstance(error.__cause__, self._absent):
                    # Nothing was sent, and nobody is there.
                    raise
                self.wait(0.5 * 2**attempt)
        return self._call("POST", path, body, headers)

    def _call(self, method: str, path: str, body: Json | None = None, headers: dict[str, str] | None = None) -> Json:
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except self._lost as error:
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
        except self._lost as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        local = "localhost" in self.access.api or "127.0.0.1" in self.access.api
        sentence = f"{self.access.dashboard} does not answer ({type(error).__name__})."
        return Unreachable(sentence, "./dev up --detach" if local else "wh context")


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
        said = {name: text for name, text in (problem.get("fields") or {}).items() if text != detail}
        fields = "".join(f"\n  {name}: {text}" for name, text in said.items())
    except (ValueError, KeyError, TypeError):
        code, detail, fields = "unexpected", f"The platform answered {status} without saying why.", ""
    if status == UNAUTHORIZED:
        return NotLoggedIn(detail, "wh login")
    return Refused(status, code, detail + fields)
