"""The audit trail of a test's database: counted, and broken, beside everything else that is stored."""

from sqlalchemy import text

from wisehosting_cp.kit.context import Context

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"


async def count(context: Context) -> int:
    async with context.db.read() as session:
        return int((await session.execute(text("SELECT count(*) FROM audit_events"))).scalar_one())


async def actions(context: Context, *, after: int) -> list[str]:
    """Return the actions of all rows but the first ones, oldest first."""
    async with context.db.read() as session:
        query = text("SELECT action FROM audit_events ORDER BY id OFFSET :after")
        return list((await session.execute(query, {"after": after})).scalars())


async def content(context: Context) -> dict[str, str]:
    """Return a digest of each table."""
    async with context.db.read() as session:
        names = (await session.execute(text(TABLES))).scalars().all()
        content = "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM \"{}\" t"
        return {name: str((await session.execute(text(content.format(name)))).scalar_one()) for name in names}


async def refuse(context: Context) -> None:
    """Let no row of the trail be written from here on, as a full disk would."""
    async with context.db.transaction() as session:
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            await session.execute(text(statement))
