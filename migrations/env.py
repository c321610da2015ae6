"""Alembic's environment: one transaction a migration, a lock so that two starts do not meet, short lock waits."""

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import async_engine_from_config

from wisehosting_cp.kit.columns import Word
from wisehosting_cp.models import metadata


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write a Word column as the text it is, so that migrations do not import our enums."""
    return "sa.String(length=40)" if kind == "type" and isinstance(item, Word) else False


def run(connection: Connection) -> None:
    """Run the missing migrations on this connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('wisehosting/migrate'))"))
        context.run_migrations()


async def connect() -> None:
    """Open one connection for the migrations."""
    engine = async_engine_from_config(
        context.config.get_section(context.config.config_ini_section) or {},
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(connect())
