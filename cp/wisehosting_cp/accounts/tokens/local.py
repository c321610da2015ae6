"""The token of the local operator, for `./dev up`."""

from wisehosting_cp.accounts.models import Scope
from wisehosting_cp.accounts.principal import PLATFORM
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.accounts.sign_in.service import user_for
from wisehosting_cp.accounts.tokens import repository
from wisehosting_cp.accounts.tokens.service import issue_token, revoke_token
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.context import Context

LOCAL_OPERATOR = "operator"
"""Subject of the loopback provider's operator account."""
LOCAL_TOKEN = "./dev up"  # noqa: S105 - the name it has in the list


async def create_local_token(ctx: Context) -> str:
    """Return a new API token of the local operator, whose user is made when missing; earlier ones of this kind end.

    For `./dev up`: the token in its state folder. Raises Forbidden in production.
    """
    if not ctx.settings.local:
        raise Forbidden("local_only", "This token exists in local mode only. Make one in the dashboard, under Account.")
    claims = Claims(
        issuer=ctx.settings.oidc_issuer,
        subject=LOCAL_OPERATOR,
        name="Operator",
        email="operator@localhost",
        operator=True,
    )
    async with ctx.db.transaction() as session:
        user = await user_for(session, ctx, claims, actor="platform")
        for row in await repository.tokens(session, user.id, now=ctx.clock.now()):
            if row.name == LOCAL_TOKEN:
                await revoke_token(session, ctx, token_id=row.id, user_id=user.id, asker=PLATFORM)
        _, secret = await issue_token(
            session, ctx, user_id=user.id, name=LOCAL_TOKEN, scopes=[Scope.admin], days=365, asker=PLATFORM
        )
    return secret
