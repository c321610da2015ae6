"""What every API module needs: the context, one transaction a request, pages of a list."""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from wisehosting_cp.errors import Invalid
from wisehosting_cp.kit.context import Context


def context_of(connection: HTTPConnection) -> Context:
    """Return the process's context; the composition root put it on the app."""
    context = connection.app.state.context
    if not isinstance(context, Context):
        raise TypeError("the application was made without a context")
    return context


async def _context(connection: HTTPConnection) -> Context:
    """The same on the loop: FastAPI calls what is not `async` in a thread, which costs more than all else of a short request."""
    return context_of(connection)


Ctx = Annotated[Context, Depends(_context)]


async def transaction(context: Ctx) -> AsyncIterator[AsyncSession]:
    """One transaction for the whole request, committed before the answer leaves."""
    async with context.db.transaction() as session:
        yield session


async def reading(context: Ctx) -> AsyncIterator[AsyncSession]:
    """A session that writes nothing, and whose queries all see one moment."""
    async with context.db.snapshot() as session:
        yield session


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
Reading = Annotated[AsyncSession, Depends(reading, scope="function")]


class Shape(BaseModel):
    """Base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(last: UUID) -> str:
    """Name the last row of a page; opaque to clients."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> UUID:
    """Read a cursor. Raises Invalid when it is not one of ours."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "cursor_invalid", "This cursor is not one this list gave out; start from the first page."
        ) from error
