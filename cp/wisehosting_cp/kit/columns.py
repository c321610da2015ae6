"""Column types every room uses."""

import enum
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from wisehosting_cp.kit.ids import new_id

Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
At = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]
Name = Annotated[str, mapped_column(String(39))]

E = TypeVar("E", bound=enum.StrEnum)


class Word(TypeDecorator[E]):
    """A StrEnum kept as text, so that adding a word needs no migration of a type."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: object) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a word that is not in the enum."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: object) -> E | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read the word back."""
        return None if value is None else self.words(value)


def name_check(column: str = "name") -> CheckConstraint:
    """The rule of all names people give."""
    return CheckConstraint(f"{column} ~ '^[a-z][a-z0-9-]{{0,38}}$'", name=f"{column}_form")
