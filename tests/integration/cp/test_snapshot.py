"""What one answer reads is of one moment, also when a project is forgotten while it is read."""

from sqlalchemy import delete, func, select

from wisehosting_cp.accounts.models import Team
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.ids import new_id


async def test_what_is_removed_between_two_queries_of_a_snapshot_is_still_there(context: Context) -> None:
    async with context.db.transaction() as session:
        session.add(Team(id=new_id(), name="ada", created_at=context.clock.now()))
    count = select(func.count()).select_from(Team)
    async with context.db.snapshot() as still, context.db.read() as plain:
        before = [(await each.execute(count)).scalar_one() for each in (still, plain)]
        async with context.db.transaction() as session:
            await session.execute(delete(Team))
        after = [(await each.execute(count)).scalar_one() for each in (still, plain)]
    assert before == [1, 1]
    assert after == [1, 0]
