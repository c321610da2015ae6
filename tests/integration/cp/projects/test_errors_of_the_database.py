"""What a statement was given stays out of the error's text: that text is logged."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio


async def test_an_error_names_the_statement_and_hides_what_it_was_given(context: Context) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with context.db.read() as session:
            await session.execute(text("SELECT CAST(:value AS text), 1 / (1 - 1)"), {"value": "canary-4f1b9a"})
    assert "division by zero" in str(failed.value)
    assert "SELECT CAST" in str(failed.value)
    assert "canary" not in str(failed.value)
