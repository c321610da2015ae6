"""What becomes of instances after their deployment is live: it stays live, and the instance says what happened to it."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from gitserver import GitServer
from running import Platform, wait_for


class Moody:
    """The app that is unwell on request."""

    def __init__(self, platform: Platform, project: Any) -> None:
        self.platform = platform
        self.environment = project["environments"][0]
        self.deployment = self.environment["latest"]["id"]

    def ask(self, path: str) -> str:
        """Send a POST through the ingress; return the instance that took it."""
        address = f"http://127.0.0.1:{self.platform.apps_port}{path}"
        answer = httpx2.post(address, headers={"Host": self.environment["hostname"]}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def visit(self) -> Any:
        return self.platform.visit(self.environment["hostname"])

    def instances(self) -> list[Any]:
        path = f"/instances?environment={self.environment['id']}"
        return [item for item in self.platform.call("GET", path)["items"] if not item["leaving"]]

    def until(self, what: str, holds: Any, *, within: float = 60) -> Any:
        return wait_for(
            lambda: found if holds(found := self.instances()) else None,
            within=within,
            what=lambda: f"{what}: {self.instances()}",
        )

    def is_live(self) -> bool:
        return bool(self.platform.deployment(self.deployment)["status"] == "live")

    def scale(self, replicas: int) -> None:
        self.platform.call("PATCH", f"/environments/{self.environment['id']}", {"replicas": replicas})
        self.until(f"{replicas} ready", lambda rows: [row["status"] for row in rows] == ["ready"] * replicas)


@pytest.fixture(scope="module")
def moody(platform: Platform, git_server: GitServer, apps: Path) -> Moody:
    app = Moody(platform, platform.create("moody", git_server.repository("moody", apps / "moody")))
    ended = platform.over(app.deployment)
    assert ended["status"] == "live", ended
    return app


def test_an_app_that_exits_is_started_again_and_told_with_its_last_lines(moody: Moody) -> None:
    moody.ask("/exit")
    (row,) = moody.until("started again", lambda rows: rows[0]["restarts"] == 1 and rows[0]["status"] == "ready")
    assert (row["last_end"]["exit_code"], row["last_end"]["reason"]) == (3, None)
    assert "ended with exit code 3; it is started again" in row["last_end"]["detail"]
    assert "asked to exit" in row["last_end"]["detail"]
    assert moody.is_live()
    wait_for(lambda: moody.visit().status == 200 or None, within=20, what="its place in the ingress")


def test_an_app_that_runs_out_of_memory_is_named_so_and_started_again(moody: Moody) -> None:
    moody.ask("/eat")
    (row,) = moody.until("started again", lambda rows: rows[0]["restarts"] == 2 and rows[0]["status"] == "ready")
    assert row["last_end"]["reason"] == "out_of_memory"
    assert "64 MB" in row["last_end"]["detail"]
    assert row["last_end"]["next_step"] == "Make the app use less memory, then push."
    assert moody.is_live()


def test_an_app_that_keeps_ending_is_shown_as_a_crash_loop_and_waits_longer_each_time(moody: Moody) -> None:
    wait_for(lambda: moody.visit().status == 200 or None, within=20, what="its place in the ingress")
    moody.ask("/exit")
    (row,) = moody.until("the crash loop", lambda rows: rows[0]["reason"] == "crash_loop")
    assert row["status"] == "exited"
    assert "has ended 3 times in a row" in row["detail"]
    assert "started again in 4 s" in row["detail"]
    assert row["next_step"] == "Look at the last lines the app wrote, correct it and push, or roll back."
    assert moody.is_live()
    assert moody.visit().status == 503
    moody.until("started again", lambda rows: rows[0]["status"] == "ready")


def test_an_instance_that_stops_answering_leaves_the_rotation_and_comes_back(moody: Moody) -> None:
    moody.scale(2)
    wait_for(lambda: len({moody.visit().text for _ in range(4)}) == 2 or None, within=20, what="both in rotation")
    sulking = moody.ask("/sulk?seconds=25")
    moody.until("one unready", lambda rows: sorted(row["status"] for row in rows) == ["ready", "unready"])
    wait_for(lambda: {moody.visit().text for _ in range(4)} & {sulking} == set() or None, within=5, what="the drain")
    seen = [moody.visit() for _ in range(50)]
    assert {answer.status for answer in seen} == {200}
    assert sulking not in {answer.text for answer in seen}
    (unwell,) = [row for row in moody.instances() if row["status"] == "unready"]
    assert "stopped answering: status 503" in unwell["detail"]
    assert moody.is_live()
    moody.until("ready again", lambda rows: {row["status"] for row in rows} == {"ready"})
    wait_for(lambda: sulking in {moody.visit().text for _ in range(4)} or None, within=10, what="its return")
    moody.scale(1)
