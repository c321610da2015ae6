"""Tables of telemetry."""

import enum
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wisehosting_cp.kit.columns import CreatedAt, Word
from wisehosting_cp.kit.db import Model


class LogKind(enum.StrEnum):
    """Whose lines they are."""

    build = "build"
    instance = "instance"


class LogChunk(Model):
    """Consecutive lines of one build or instance, compressed (zlib over msgpack of wire LogLine)."""

    __tablename__ = "log_chunks"
    __table_args__ = (PrimaryKeyConstraint("subject_id", "first"), Index("ix_log_chunks_created_at", "created_at"))

    subject_id: Mapped[UUID]
    first: Mapped[int] = mapped_column(BigInteger)
    """Number of the first line, from 1. A jump is a gap."""
    kind: Mapped[LogKind] = mapped_column(Word(LogKind))
    count: Mapped[int]
    closes: Mapped[bool] = mapped_column(default=False)
    """No line follows."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]
