"""API tokens: made, and revoked."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts import repository as accounts
from wisehosting_cp.accounts.models import ApiToken, Scope
from wisehosting_cp.accounts.tokens import repository
from wisehosting_cp.errors import NotFound
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.security import API_TOKEN_PREFIX, digest, new_token

TOKEN_DAYS = 90


async def issue_token(
    session: AsyncSession,
    ctx: Context,
    *,
    user_id: UUID,
    name: str,
    scopes: Collection[Scope],
    days: int = TOKEN_DAYS,
    project_id: UUID | None = None,
    second_factor: bool = False,
    asker: Mapping[str, Any],
) -> tuple[ApiToken, str]:
    """Make an API token; return its row and the token itself, which is shown once and kept as a hash.

    `second_factor` is whether one was given by whoever makes it.
    """
    now = ctx.clock.now()
    secret = new_token(API_TOKEN_PREFIX)
    row = ApiToken(
        id=new_id(),
        user_id=user_id,
        name=name,
        token_hash=digest(secret),
        scopes=sorted(scope.value for scope in scopes),
        project_id=project_id,
        second_factor=second_factor,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    await repository.add_token(session, row)
    team_id = await accounts.personal_team_id(session, user_id)
    record(
        session,
        **asker,
        action="token.issue",
        subject=f"token:{row.id}",
        team_id=team_id,
        name=name,
        scopes=row.scopes,
        project=str(project_id) if project_id else None,
    )
    return row, secret


async def revoke_token(
    session: AsyncSession, ctx: Context, *, token_id: UUID, user_id: UUID, asker: Mapping[str, Any]
) -> None:
    """Revoke a token of this user. Raises NotFound for anything else, also for one revoked before."""
    row = await repository.revoke_token(session, token_id, user_id, ctx.clock.now())
    if row is None:
        raise NotFound
    epoch.advance(session)
    team_id = await accounts.personal_team_id(session, user_id)
    record(
        session,
        **asker,
        action="token.revoke",
        subject=f"token:{token_id}",
        team_id=team_id,
        name=row.name,
    )
