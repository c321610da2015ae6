"""Tables of accounts."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import At, CreatedAt, Id, JsonList, Name, Word, name_check
from wisehosting_cp.kit.db import Model


class Role(enum.StrEnum):
    """What a member may do in a team."""

    owner = "owner"
    admin = "admin"
    developer = "developer"
    viewer = "viewer"


class Scope(enum.StrEnum):
    """What an API token may do."""

    read = "read"
    deploy = "deploy"
    admin = "admin"


class User(Model):
    """A person. Known to us by issuer and subject, never by e-mail."""

    __tablename__ = "users"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    operator: Mapped[bool] = mapped_column(default=False)
    """May see workers and the platform."""
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Identity(Model):
    """How a person signs in."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]


class OauthState(Model):
    """A sign-in on its way: single use, bound to the browser, ten minutes."""

    __tablename__ = "oauth_states"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    next: Mapped[str] = mapped_column(String(2000))
    invitation_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The invitation that is accepted with this sign-in."""
    expires_at: Mapped[At]


class BrowserSession(Model):
    """A signed-in browser. Only the hash of its cookie is kept."""

    __tablename__ = "sessions"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[At]
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    user_agent: Mapped[str] = mapped_column(String(400), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    last_seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Written in batches; at most half a minute behind."""
    stepped_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a second factor was last given in this session."""


class SecurityEpoch(Model):
    """One row, whose number rises in each transaction after which somebody may do less."""

    __tablename__ = "security_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


class Team(Model):
    """Owner of projects. Every user has a personal one."""

    __tablename__ = "teams"
    __table_args__ = (name_check(),)

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    personal: Mapped[bool] = mapped_column(default=False)
    second_factor_required: Mapped[bool] = mapped_column(default=False)
    """Members reach what the team owns only from a session with a second factor."""
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    purge_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until then an owner can restore it."""


class Membership(Model):
    """A user in a team."""

    __tablename__ = "memberships"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(Word(Role))


class ProjectRole(Model):
    """A member's role in one project, where it is another than in the team. It ends with the membership."""

    __tablename__ = "project_roles"
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "user_id"], ["memberships.team_id", "memberships.user_id"], ondelete="CASCADE"
        ),
    )

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    """No foreign key: projects are made of more than accounts know. Whoever purges one ends its roles."""
    user_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    team_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(Word(Role))


class Invitation(Model):
    """A way in, once: into a team for one e-mail address, or as the platform's first operator. Only its hash is kept."""

    __tablename__ = "invitations"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    """Null for an operator's, who gets a team of their own only."""
    role: Mapped[Role | None] = mapped_column(Word(Role))
    email: Mapped[str | None] = mapped_column(String(320))
    """In small letters; null for the first operator, whom nobody knows yet."""
    operator: Mapped[bool] = mapped_column(default=False)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[At]
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class IdempotencyKey(Model):
    """The answer to a call that creates something, kept for a day: the same call again gets it and has no second effect."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    """`user:<id>` or `token:<id>`: nobody gets another's answer."""
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 over route and body."""
    status: Mapped[int | None]
    """Null only inside the transaction that does the work."""
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed, because answers may show a secret, this once."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)


class ApiToken(Model):
    """A token for `wh` and scripts. Only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[JsonList]
    project_id: Mapped[UUID | None]
    """The one project it is for; null for all that its person reaches."""
    second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether it was made where a second factor had been given; else it is closed out of teams that ask for one."""
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[At]
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
