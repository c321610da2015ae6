"""Tables of sources."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt
from wisehosting_cp.kit.db import Model


class SeenRef(Model):
    """The last commit seen on a project's branch. A poll compares with it, so a rollback is not undone."""

    __tablename__ = "seen_refs"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(255), primary_key=True)
    commit: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(500))
    author: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(1000))
    """Sentence, when the last look failed."""
    seen_at: Mapped[CreatedAt]
    next_check_at: Mapped[CreatedAt]
    failures: Mapped[int] = mapped_column(default=0)


class Webhook(Model):
    """An opaque address a provider calls. Unknown id and bad signature get the same 404."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]


class WebhookDelivery(Model):
    """A delivery that was acted upon; its id is used once."""

    __tablename__ = "webhook_deliveries"

    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True)
    delivery: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
