"""REST of the session that asks: who one is, and signing out."""

from importlib.metadata import version

from fastapi import APIRouter, Response

from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.access import SessionReader
from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.sessions import service
from wisehosting_cp.accounts.sessions.cookies import drop_cookie
from wisehosting_cp.accounts.sessions.schemas import PlatformFacts, SessionView, TeamView, UserView
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams.views import row_of
from wisehosting_cp.errors import Forbidden, NotSignedIn
from wisehosting_cp.kit.web import Ctx, Reading

router = APIRouter(prefix="/api/v1", tags=["account"])


@router.post("/session/end", status_code=204, operation_id="end_session")
async def end(response: Response, ctx: Ctx, asker: SessionReader) -> None:
    """Sign out. A token cannot be signed out; revoke it instead."""
    if asker.session_id is None:
        raise Forbidden("no_session", "This request came with a token, not a session. Revoke the token instead.")
    async with ctx.db.transaction() as session:
        await service.end_session(session, ctx, session_id=asker.session_id, user_id=asker.user_id, asker=asker.audit())
    drop_cookie(response, ctx, ctx.settings.session_cookie)


@router.get("/session", operation_id="get_session")
async def session_view(session: Reading, ctx: Ctx, asker: SessionReader) -> SessionView:
    """Return who is signed in, and what a client needs to know of the platform."""
    user = await accounts.user(session, asker.user_id)
    team = await accounts.personal_team(session, asker.user_id)
    if user is None or team is None:
        raise NotSignedIn
    mine = await memberships.teams(session, asker.user_id)
    settings = ctx.settings
    return SessionView(
        user=UserView(id=user.id, name=user.name, email=user.email, operator=user.operator),
        team=TeamView(id=team.id, name=team.name, role=asker.teams.get(team.id, Role.owner)),
        teams=[row_of(each, role, members) for each, role, members in mine if each.id in asker.teams],
        closed_teams=[each.name for each, _, _ in mine if each.id not in asker.teams and each.deleted_at is None],
        platform=PlatformFacts(
            version=version("wisehosting-cp"),
            local=settings.local,
            apps_domain=settings.apps_domain,
            apps_address=settings.apps_address,
            example_repository=settings.example_repository,
            poll_seconds=settings.poll_seconds,
        ),
    )
