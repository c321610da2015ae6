"""Which commits start a deployment, and which do not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from gitserver import GitServer
from sqlalchemy import select

from wisehosting_cp.deployments import service as starting
from wisehosting_cp.deployments.models import Cause
from wisehosting_cp.kit.clock import SystemClock
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources import poller, repository
from wisehosting_cp.sources.looking import interval
from wisehosting_cp.sources.models import SeenRef

pytestmark = pytest.mark.anyio

Follow = Callable[..., Awaitable[Any]]


async def _seen(context: Context) -> SeenRef:
    async with context.db.read() as session:
        return (await session.execute(select(SeenRef))).scalar_one()


async def test_the_first_look_notes_the_commit_that_the_first_deployment_takes(
    follow: Follow, git: GitServer, context: Context
) -> None:
    app = await follow()
    looked = await app.check()
    assert looked == {"changed": False, "commit": git.head("app"), "subject": None, "deployment": None, "error": None}
    assert await app.deployments() == [(1, "first", None)]
    assert (await app.shown())["last_seen"]["commit"] == git.head("app")


async def test_a_new_commit_is_deployed_once(follow: Follow, git: GitServer) -> None:
    app = await follow()
    first = git.head("app")
    await app.check()
    await app.built(first)
    commit = git.push("app", {"a": "1"})
    looked = await app.check()
    assert (looked["changed"], looked["commit"], looked["deployment"]["number"]) == (True, commit, 2)
    assert (await app.check())["changed"] is False
    assert await app.deployments() == [(1, "first", first), (2, "poll", commit)]


async def test_a_commit_pushed_between_the_first_build_and_the_first_look_is_deployed(
    follow: Follow, git: GitServer
) -> None:
    app = await follow()
    old = git.head("app")
    await app.built(old)
    new = git.push("app", {"a": "1"})
    await app.check()
    assert await app.deployments() == [(1, "first", old), (2, "poll", new)]


async def test_a_project_made_without_a_deployment_waits_for_the_next_push(follow: Follow, git: GitServer) -> None:
    app = await follow(deploy=False)
    await app.check()
    assert await app.deployments() == []
    commit = git.push("app", {"a": "1"})
    await app.check()
    assert await app.deployments() == [(1, "first", commit)]


async def test_a_rollback_is_not_undone_by_the_poll(
    follow: Follow, git: GitServer, context: Context, clock: Any
) -> None:
    app = await follow()
    old = git.head("app")
    await app.check()
    await app.built(old)
    new = git.push("app", {"a": "1"})
    await app.check()
    await app.built(new)
    # A rollback is a new deployment of an old release: the branch is where it was.
    started = await app.person.browser.post(f"{app.path}/deployments", json={"ref": old})
    assert started.status_code == 202
    await app.built(old)
    for _ in range(3):
        clock.forward(60)
        assert await poller.poll_once(context) == 1
    assert [commit for _, _, commit in await app.deployments()] == [old, new, old]
    newest = git.push("app", {"a": "2"})
    clock.forward(60)
    await poller.poll_once(context)
    assert (await app.deployments())[-1] == (4, "poll", newest)


async def test_a_push_that_was_already_deployed_by_hand_is_not_deployed_again(follow: Follow, git: GitServer) -> None:
    app = await follow()
    await app.check()
    await app.built(git.head("app"))
    commit = git.push("app", {"a": "1"})
    await app.person.browser.post(f"{app.path}/deployments", json={})
    looked = await app.check()
    assert (looked["changed"], looked["deployment"]) == (True, None), "the queued one reads the branch anyway"
    await app.built(commit)
    await app.check()
    assert len(await app.deployments()) == 2


async def test_a_look_waits_for_a_deployment_that_is_being_started_by_hand(
    follow: Follow, git: GitServer, context: Context
) -> None:
    """It reads the branch as well: a second one would take its place, before the eyes of the one who started it."""
    app = await follow()
    await app.check()
    await app.built(git.head("app"))
    git.push("app", {"a": "1"})
    async with context.db.transaction() as session:
        found = await repository.watched(session, app.id)
        assert found is not None
        project, environment, _ = found
        await starting.start(
            session,
            context,
            environment=environment,
            project=project,
            cause=Cause.api,
            ref=project.branch,
            asker={"actor": "platform"},
        )
        looking = asyncio.create_task(app.check())
        await _somebody_waits(context, looking)
    assert (await looking)["deployment"] is None
    assert [(number, cause) for number, cause, _ in await app.deployments()] == [(1, "first"), (2, "api")]


async def _somebody_waits(context: Context, looking: asyncio.Task[Any]) -> None:
    """Return when a statement waits for a lock, or nothing will any more."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(10):
        while not looking.done():
            async with context.db.hot() as connection:
                if await connection.fetchval(waiting):
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("reads", ["the new commit", "the old commit"])
async def test_a_push_while_a_deployment_reads_the_branch_is_judged_once_it_has_read_it(
    follow: Follow, git: GitServer, reads: str
) -> None:
    app = await follow()
    first = git.head("app")
    await app.check()
    await app.built(first)
    assert (await app.person.browser.post(f"{app.path}/deployments", json={})).status_code == 202
    await app.begins()
    new = git.push("app", {"a": "1"})
    assert (await app.check())["deployment"] is None
    await app.built(new if reads == "the new commit" else first)
    found = (await app.check())["deployment"]
    assert (found is None) == (reads == "the new commit")
    assert (await app.shown())["last_seen"]["commit"] == new


async def test_a_branch_that_appears_after_the_first_deployment_failed_is_deployed(
    follow: Follow, git: GitServer
) -> None:
    app = await follow(empty=True)
    looked = await app.check()
    assert "no commits yet" in looked["error"]
    await app.built("", failed=True)
    commit = git.push("app", {"a": "1"})
    await app.check()
    assert (await app.deployments())[-1][2] == commit


async def test_a_force_push_back_is_a_change(follow: Follow, git: GitServer) -> None:
    app = await follow()
    old = git.head("app")
    await app.check()
    await app.built(old)
    new = git.push("app", {"a": "1"})
    await app.check()
    await app.built(new)
    git.git("app", "update-ref", "refs/heads/main", old)
    looked = await app.check()
    assert (looked["changed"], looked["deployment"]["commit"]) == (True, old)


async def test_checks_at_once_start_one_deployment(follow: Follow, git: GitServer) -> None:
    app = await follow()
    await app.check()
    await app.built(git.head("app"))
    commit = git.push("app", {"a": "1"})
    looked = await asyncio.gather(*(app.check() for _ in range(3)))
    assert sum(found["deployment"] is not None for found in looked) == 1
    assert {found["commit"] for found in looked} == {commit}


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [("private", "is private"), ("gone", ""), ("branch", "no branch main"), ("down", "")],
)
async def test_trouble_is_said_in_a_sentence_and_harms_nothing(
    follow: Follow, git: GitServer, trouble: str, sentence: str
) -> None:
    app = await follow()
    await app.check()
    before = await app.deployments()
    if trouble == "private":
        git.private.add("app")
    elif trouble == "gone":
        (git.root / "app.git").rename(git.root / "moved.git")
    elif trouble == "branch":
        git.git("app", "update-ref", "refs/heads/other", "refs/heads/main")
        git.git("app", "update-ref", "-d", "refs/heads/main")
    else:
        git._server.server_close()
        git._server.shutdown()
    looked = await app.check()
    assert looked["error"]
    assert sentence.lower() in looked["error"].lower(), looked["error"]
    shown = (await app.shown())["last_seen"]
    assert shown["error"] == looked["error"]
    assert shown["commit"] is not None
    assert await app.deployments() == before


async def test_a_repository_that_comes_back_clears_the_error(follow: Follow, git: GitServer, context: Context) -> None:
    app = await follow()
    git.private.add("app")
    await app.check()
    assert (await _seen(context)).failures == 1
    git.private.clear()
    await app.check()
    row = await _seen(context)
    assert (row.failures, row.error) == (0, None)


async def test_failures_are_looked_at_less_and_less_often(
    follow: Follow, git: GitServer, context: Context, clock: Any
) -> None:
    app = await follow()
    git.private.add("app")
    waits = []
    for _ in range(9):
        clock.at = (await _seen(context)).next_check_at
        assert await poller.poll_once(context) == 1
        waits.append(((await _seen(context)).next_check_at - clock.at).total_seconds())
    assert waits == sorted(waits)
    assert 9 <= waits[0] <= 11
    assert waits[-1] == 300
    assert app.id


def test_polls_of_many_projects_do_not_come_together() -> None:
    waits = {interval(60, 0) for _ in range(100)}
    assert len(waits) > 90
    assert all(54 <= wait <= 66 for wait in waits)


async def test_a_poll_that_finds_nothing_due_asks_once(follow: Follow, context: Context) -> None:
    await follow()
    assert await poller.poll_once(context) == 1
    assert await poller.poll_once(context) == 0


async def test_two_pollers_take_each_branch_once(follow: Follow, git: GitServer, context: Context) -> None:
    app = await follow()
    for number in range(6):
        url = git.repository(f"app-{number}", {"a": "1"})
        await app.person.browser.post("/api/v1/projects", json={"name": f"app-{number}", "source": {"url": url}})
    git.requests.clear()
    looked = await asyncio.gather(poller.poll_once(context), poller.poll_once(context))
    assert sum(looked) == 7
    assert len({line.split("?")[0] for line in git.requests if "info/refs" in line}) == 7


async def test_the_loop_sees_a_push_within_its_interval(follow: Follow, git: GitServer, context: Context) -> None:
    app = await follow()
    live = replace(context, clock=SystemClock(), settings=context.settings.model_copy(update={"poll_seconds": 0.2}))
    loop = asyncio.create_task(poller.run(live))
    try:
        async with asyncio.timeout(20):
            while (await app.shown())["last_seen"] is None:
                await asyncio.sleep(0.1)
            await app.built(git.head("app"))
            commit = git.push("app", {"a": "1"})
            while len(await app.deployments()) < 2:
                await asyncio.sleep(0.1)
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert (await app.deployments())[1][1:] == ("poll", commit)


async def test_subject_and_author_are_shown_once_a_build_read_them(follow: Follow, git: GitServer) -> None:
    app = await follow()
    await app.check()
    await app.built(git.head("app"), subject="Begin.")
    assert (await app.shown())["last_seen"]["subject"] == "Begin."
