"""Every way into the app that somebody signed in may go, and a world of one team to go them in."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from wisehosting_cp.accounts.access import declared
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import Permission
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.kit.context import Context

People = Callable[..., Awaitable[Any]]

# They answer as long as they are read; who may open them is asked before, and is asked here where they are refused.
STREAMS = {
    "/api/v1/events",
    "/api/v1/deployments/{deployment_id}/log",
    "/api/v1/environments/{environment_id}/log",
}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/account/tokens"): {"name": "t", "scopes": ["read"]},
    ("POST", "/api/v1/account/second-factor/totp/confirm"): {"code": "123456"},
    ("POST", "/api/v1/account/second-factor/passkeys"): {"name": "key", "passkey": {}},
    ("PATCH", "/api/v1/account/second-factor/passkeys/{passkey_id}"): {"name": "key"},
    ("POST", "/api/v1/session/step-up"): {"code": "123456"},
    ("POST", "/api/v1/teams"): {"name": "another"},
    ("PATCH", "/api/v1/teams/{team_id}/members/{user_id}"): {"role": "viewer"},
    ("POST", "/api/v1/teams/{team_id}/hand-over"): {"user_id": str(uuid4())},
    ("POST", "/api/v1/teams/{team_id}/invitations"): {"email": "new@example.org"},
    ("POST", "/api/v1/invitations/accept"): {"token": "x" * 43},
    ("PUT", "/api/v1/projects/{project_id}/roles/{user_id}"): {"role": "viewer"},
    ("POST", "/api/v1/projects"): {"name": "more", "source": {"url": "https://example.org/more.git"}},
    ("PATCH", "/api/v1/teams/{team_id}"): {"name": "renamed"},
    ("PATCH", "/api/v1/projects/{project_id}"): {"source": {"branch": "next"}},
    ("PATCH", "/api/v1/environments/{environment_id}"): {"replicas": 2},
    ("PUT", "/api/v1/environments/{environment_id}/variables"): {"set": {"COLOUR": {"value": "green"}}},
    ("POST", "/api/v1/plans"): {"url": "https://example.org/more.git", "branch": "main"},
    ("POST", "/api/v1/environments/{environment_id}/rollback"): {"release": 1},
}
# Leaving needs less than removing another, which is what is asked here.
OF_ANOTHER = {("DELETE", "/api/v1/teams/{team_id}/members/{user_id}"): Permission.members_change}
# They go out to the repository, which is not there.
GIT = {"/api/v1/plans", "/api/v1/projects/{project_id}/plan", "/api/v1/projects/{project_id}/check"}

ACCOUNT, SESSION, TEAM = "/api/v1/account", "/api/v1/session", "/api/v1/teams/{team_id}"
PROJECT, ENVIRONMENT = "/api/v1/projects/{project_id}", "/api/v1/environments/{environment_id}"
NO_ACTS = {
    ("POST", f"{ACCOUNT}/second-factor/passkeys/options"): "a challenge: nothing is anybody's yet",
    ("POST", f"{ACCOUNT}/second-factor/totp"): "a secret that counts only once it is confirmed",
    ("POST", f"{SESSION}/step-up/passkey-options"): "a challenge",
    ("POST", f"{ACCOUNT}/sessions/revoke-others"): "there is no other session here",
    ("POST", f"{TEAM}/restore"): "nothing is deleted here",
    ("POST", f"{PROJECT}/restore"): "nothing is deleted here",
    ("POST", f"{ENVIRONMENT}/restore"): "nothing is deleted here",
    ("POST", "/api/v1/people/{user_id}/enable"): "nobody is disabled here",
}
"""Unsafe ways that a world of one team answers, and that change nothing in it."""
NOT_ASKED = {
    ("POST", "/api/v1/plans"): "goes out to a repository; nothing is stored",
    ("POST", f"{PROJECT}/check"): "goes out to a repository; what it finds is deployed, which leaves a row of its own",
}
ELSEWHERE = {
    ("POST", f"{ENVIRONMENT}/rollback"): 404,  # nothing was live yet
    ("POST", f"{ENVIRONMENT}/restart"): 409,
    ("DELETE", ENVIRONMENT): 409,  # production stays
    ("DELETE", TEAM): 409,  # it has a project
    ("POST", "/api/v1/invitations/accept"): 404,
    ("POST", f"{TEAM}/hand-over"): 404,
    ("POST", f"{SESSION}/step-up"): 409,  # no second factor, so nothing of one
    ("POST", f"{ACCOUNT}/second-factor/totp/confirm"): 400,
    ("DELETE", f"{ACCOUNT}/second-factor/totp"): 404,
    ("DELETE", f"{ACCOUNT}/second-factor/reset"): 404,
    ("POST", f"{ACCOUNT}/second-factor/recovery-codes"): 409,
    ("POST", f"{ACCOUNT}/second-factor/passkeys"): 400,
    ("PATCH", f"{ACCOUNT}/second-factor/passkeys/{{passkey_id}}"): 404,
    ("DELETE", f"{ACCOUNT}/second-factor/passkeys/{{passkey_id}}"): 404,
    ("DELETE", f"{ACCOUNT}/sessions/{{session_id}}"): 404,
}
"""Unsafe ways that need more than such a world has, and answer so: their rows are in `test_acts_elsewhere.py`."""


@dataclass(frozen=True)
class Way:
    """A method and path, and what it takes."""

    method: str
    path: str
    permission: Permission


def ways(app: FastAPI) -> list[Way]:
    """Return all of them, but for what is for everybody and the end of the session."""
    found = []
    for route in iter_route_contexts(app.routes):
        says, path = declared(route.dependant), str(route.path)
        assert len(says) == 1, (path, says)
        permission = next(iter(says))
        # Ending the session would end the walk.
        if isinstance(permission, Permission) and path != "/api/v1/session/end":
            methods = sorted((route.methods or set()) - {"HEAD"})
            found += [Way(method, path, OF_ANOTHER.get((method, path), permission)) for method in methods]
    return found


class World:
    """A team with a project and a member of each role, and somebody of another team."""

    def __init__(self, ids: dict[str, str], members: dict[Role, Any], stranger: Any) -> None:
        self.ids, self.members, self.stranger = ids, members, stranger

    def path(self, way: Way) -> str:
        """The path with the world's ids, and random ones for what it has none of."""
        return re.sub(r"\{([a-z_]+)\}", lambda found: self.ids.get(found[1], str(uuid4())), way.path)

    def body(self, way: Way) -> Any:
        """A body that is accepted."""
        body = BODIES.get((way.method, way.path), {})
        return (
            {**body, "team": self.ids["team_id"]} if way.path == "/api/v1/projects" and way.method == "POST" else body
        )

    async def ask(self, client: httpx2.AsyncClient, way: Way, **options: Any) -> httpx2.Response:
        """Go this way."""
        return await client.request(way.method, self.path(way), json=self.body(way), **options)


async def made_world(people: People, context: Context, team_name: str = "shop-team") -> World:
    """Make the team with its members, one project and a stranger."""
    owner = await people("owner")
    team = (await owner.browser.post("/api/v1/teams", json={"name": team_name})).json()
    members = {Role.owner: owner} | {
        role: await people(role.value) for role in (Role.admin, Role.developer, Role.viewer)
    }
    async with context.db.transaction() as session:
        for role, member in members.items():
            if role != Role.owner:
                await memberships.set_role(session, team["id"], member.user_id, role)
    made = await owner.browser.post(
        "/api/v1/projects", json={"name": "shop", "team": team["id"], "source": {"url": "https://example.org/shop.git"}}
    )
    assert made.status_code == 201, made.text
    environment = made.json()["environments"][0]
    ids = {
        "team_id": team["id"],
        "project_id": made.json()["id"],
        "environment_id": environment["id"],
        "deployment_id": environment["latest"]["id"],
    }
    return World(ids, members, await people("stranger"))
