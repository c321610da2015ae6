"""The way in: a sign-in begun and ended, bound to its browser, and whom the provider's word lets in."""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.accounts import epoch
from wisehosting_cp.accounts.models import OauthState, Role, Team, User
from wisehosting_cp.accounts.sign_in import repository
from wisehosting_cp.accounts.sign_in.oidc import GOOGLE, Claims
from wisehosting_cp.accounts.teams import invitations
from wisehosting_cp.accounts.teams import repository as memberships
from wisehosting_cp.accounts.teams.names import team_names
from wisehosting_cp.errors import Forbidden
from wisehosting_cp.kit.audit import record
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.security import digest, local_path, new_token

SIGN_IN_MINUTES = 10


@dataclass(frozen=True)
class Started:
    """A sign-in on its way: what goes to the provider, and what stays in the browser's cookie."""

    state: str
    nonce: str
    verifier: str
    browser: str


async def start_sign_in(
    session: AsyncSession, ctx: Context, *, next_path: str | None, invitation: str | None = None
) -> Started:
    """Begin a sign-in, bound to one browser by the secret in its cookie, for ten minutes; it may accept an invitation."""
    now = ctx.clock.now()
    browser = new_token()
    nonce, verifier = proofs_of(browser)
    started = Started(state=new_token(), nonce=nonce, verifier=verifier, browser=browser)
    await repository.expire_states(session, now)
    await repository.add_state(
        session,
        OauthState(
            state_hash=digest(started.state),
            browser_hash=digest(started.browser),
            next=local_path(next_path),
            invitation_hash=digest(invitation) if invitation else None,
            expires_at=now + timedelta(minutes=SIGN_IN_MINUTES),
        ),
    )
    return started


def proofs_of(browser: str) -> tuple[str, str]:
    """Return nonce and PKCE verifier of a sign-in, made from its browser's secret: they are kept nowhere else."""

    def made(name: bytes) -> str:
        return base64.urlsafe_b64encode(hmac.digest(browser.encode(), name, "sha256")).rstrip(b"=").decode()

    return made(b"wh/sign-in/nonce"), made(b"wh/sign-in/verifier")


async def take_sign_in(session: AsyncSession, ctx: Context, *, state: str, browser: str) -> OauthState:
    """Take a sign-in that comes back, once. Raises Forbidden when it is unknown, used, another browser's or too old."""
    taken = await repository.take_state(session, digest(state), digest(browser))
    if taken is None or taken.expires_at <= ctx.clock.now():
        raise Forbidden(
            "sign_in_stale",
            "This sign-in was started in another browser, used before, or took too long. Sign in again.",
        )
    return taken


async def user_for(
    session: AsyncSession,
    ctx: Context,
    claims: Claims,
    *,
    actor: str | None = None,
    invitation_hash: bytes | None = None,
    address: str = "",
    request_id: str = "",
) -> User:
    """Return the user of issuer and subject; a first sign-in makes the user and a personal team. Raises Forbidden.

    Whether there may be a first one is the setting `sign_up`. An invitation is accepted with it.
    `actor` is who does it for the audit row; the user themselves when absent.
    """
    _refuse_domain(ctx, claims)
    await repository.lock_identity(session, claims.issuer, claims.subject)
    user = await repository.user_of_identity(session, claims.issuer, claims.subject)
    acts: list[tuple[str, dict[str, Any]]] = []
    if user is None:
        await _refuse_stranger(session, ctx, claims, invitation_hash)
        operator = ctx.settings.local and claims.operator
        user = User(name=claims.name, email=claims.email, operator=operator, created_at=ctx.clock.now())
        await repository.add_identity(session, claims.issuer, claims.subject, user)
        await _make_personal_team(session, user)
        acts.append(("user.create", {"issuer": claims.issuer, "operator": user.operator}))
    if user.disabled_at is not None:
        raise Forbidden("account_disabled", "This account is disabled. Ask an operator of the platform.")
    user.name, user.email = claims.name, claims.email
    if ctx.settings.local and user.operator != claims.operator:
        user.operator = claims.operator
        epoch.advance(session)
        acts.append(("user.operator_changed", {"operator": user.operator}))
    await session.flush()
    for action, detail in acts:
        # Of no team: who may use the platform, and who operates it, is for its operators to see.
        record(
            session,
            actor=actor or f"user:{user.id}",
            action=action,
            subject=f"user:{user.id}",
            address=address,
            request_id=request_id,
            **detail,
        )
    if invitation_hash is not None:
        await invitations.accept(session, ctx, user, invitation_hash, address=address, request_id=request_id)
    return user


async def note_refused(ctx: Context, code: str, email: str, *, address: str, request_id: str) -> None:
    """Record that the provider vouched for somebody who was not let in, in a transaction of its own. For operators to see."""
    async with ctx.db.transaction() as session:
        record(
            session,
            actor="stranger",
            action="session.refuse",
            subject=f"issuer:{ctx.settings.oidc_issuer}"[:120],
            address=address,
            request_id=request_id,
            code=code,
            email=email,
        )


def _refuse_domain(ctx: Context, claims: Claims) -> None:
    domains = {domain.lower() for domain in ctx.settings.sign_in_domains}
    said = [claims.email.rpartition("@")[2]]
    if claims.issuer == GOOGLE:
        # Anybody can have a personal account with an address of a domain, and keeps it when the mailbox is closed. `hd`
        # says that the account itself is the organization's (developers.google.com/identity/openid-connect).
        said.append(claims.hosted_domain or "")
    if domains and not all(domain.lower() in domains for domain in said):
        raise Forbidden(
            "domain_not_allowed", f"This platform is for addresses of {', '.join(sorted(domains))}. Sign in with one."
        )


async def _refuse_stranger(session: AsyncSession, ctx: Context, claims: Claims, invitation_hash: bytes | None) -> None:
    if ctx.settings.sign_up == "open" or (ctx.settings.local and claims.operator):
        return
    operators_only = ctx.settings.sign_up == "closed"
    if invitation_hash is None or not await invitations.fits(
        session, ctx, invitation_hash, claims.email, operators_only=operators_only
    ):
        raise Forbidden(
            "sign_up_closed",
            "There is no account for you on this platform yet, and no invitation for this address. Ask its operator.",
        )


async def _make_personal_team(session: AsyncSession, user: User) -> Team:
    for name in team_names(user.name, user.email):
        team = await memberships.add_team(session, name, personal=True)
        if team is not None:
            await memberships.set_role(session, team.id, user.id, Role.owner)
            return team
    raise AssertionError("numbered names never end")
