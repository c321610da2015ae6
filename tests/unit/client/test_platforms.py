"""The platform, its workers, tokens and hooks by `wh`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shopplatform import Done, Shop, deployment

Command = Callable[..., Done]
TIME = "2026-12-01T09:30:00Z"
SECRET = "wh_secret_of_a_token"


def worker(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"w-{name}",
        "name": name,
        "admin": "active",
        "health": "ready",
        "connected": True,
        "roles": ["build", "run"],
        "versions": {},
        "capacity": {},
        "firewall": {"closed": True, "probes": {}, "detail": ""},
        "bases": [],
        "disk": {"budget_bytes": 10_000_000_000, "used_bytes": 2_500_000_000, "free_bytes": 80_000_000_000},
        "limits_enforced": True,
        "last_seen_at": TIME,
        **changes,
    }


@pytest.fixture(autouse=True)
def answers(shop: Shop) -> None:
    open_ = {"closed": False, "probes": {}, "detail": "10.0.0.1 can be reached."}
    away = worker("b", admin="draining", health="lost", connected=False, firewall=open_, disk=None)
    token = {
        "id": "t1",
        "name": "ci",
        "scopes": ["deploy"],
        "created_at": TIME,
        "expires_at": TIME,
        "last_used_at": None,
    }
    job = {
        "id": "j1",
        "kind": "build",
        "status": "failed",
        "subject_id": "b1",
        "worker_id": "w-a",
        "attempt": 2,
        "cancel_wanted": False,
        "reason": "build_failed",
        "detail": "Step 2 ended with 1.\nMore.",
        "created_at": TIME,
        "finished_at": "2026-12-01T09:31:30Z",
    }
    event = {
        "id": "a1",
        "at": TIME,
        "actor": "ada",
        "action": "project.create",
        "subject": "shop",
        "address": "10.0.0.9",
        "request_id": "r",
        "detail": {},
    }
    base = {"name": "python:3.13", "status": "building", "seconds": 3.0, "detail": "step 2", "on_demand": False}
    shop.project["hook"] = {"url": "https://platform.test/hooks/h1"}
    shop.answers |= {
        "GET /workers": shop.page(worker("a"), away),
        "GET /platform": {
            "version": "1.2",
            "local": False,
            "apps_domain": "apps.test",
            "bases": [base],
            "workers": {"ready": 1, "total": 2},
            "state": "preparing",
            "detail": "Making base images.",
        },
        "GET /account/tokens": shop.page(token),
        "POST /account/tokens": {**token, "token": SECRET},
        "DELETE /account/tokens/t1": {},
        "GET /jobs": shop.page(job),
        "GET /audit-events": shop.page(event),
        "POST /projects/p1/hook-secret": {"url": "https://platform.test/hooks/h1", "secret": SECRET},
    }


def rows(done: Done) -> list[str]:
    assert done.code == 0, done.err
    return [" ".join(row.split()) for row in done.out.splitlines()]


def test_the_platform_says_what_it_waits_for(wh: Command) -> None:
    assert rows(wh("platform")) == [
        "http://platform.test WiseHosting 1.2",
        "preparing Making base images.",
        "workers 1 of 2 ready",
        "apps below apps.test",
        "python:3.13 is building step 2",
    ]


def test_workers_are_listed_and_what_is_wrong_with_one_is_said(wh: Command) -> None:
    assert rows(wh("workers"))[1:] == [
        "a ready build, run 80.0 GB connected",
        "b lost, draining build, run — 2026-12-01 09:30 UTC",
        "b: apps are not isolated, so none start. 10.0.0.1 can be reached.",
    ]


def test_disks_jobs_and_what_was_done_are_tables(wh: Command) -> None:
    assert rows(wh("disk"))[1:] == ["a 2.5 GB 25 % 10.0 GB 80.0 GB", "b — — — —"]
    assert rows(wh("jobs"))[1] == "build failed a 2 2026-12-01 09:30 UTC 1m30s Step 2 ended with 1."
    assert rows(wh("audit"))[1] == "2026-12-01 09:30 UTC ada project.create shop 10.0.0.9"


@pytest.mark.parametrize(
    ("argv", "call"),
    [
        (("platform",), "GET /platform"),
        (("workers",), "GET /workers"),
        (("jobs",), "GET /jobs"),
        (("audit",), "GET /audit-events"),
        (("tokens",), "GET /account/tokens"),
        (("instances",), "GET /instances"),
        (("projects",), "GET /projects"),
        (("releases", "shop"), "GET /environments/e1/releases"),
        (("deployments", "shop"), "GET /projects/p1/deployments"),
        (("variables", "shop"), "GET /environments/e1/variables"),
    ],
)
def test_a_script_gets_what_the_api_answers(wh: Command, shop: Shop, argv: tuple[str, ...], call: str) -> None:
    answer = shop.answers[call]
    assert json.loads(wh(*argv, "--json").out) == (answer["items"] if "next_cursor" in answer else answer)


def test_a_new_token_goes_into_a_file_of_its_owner_and_nowhere_else(wh: Command, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    done = wh("tokens", "create", "ci", "--scope", "read", "--days", "7", "--file", str(file))
    assert shop.sent == [("POST /account/tokens", {"name": "ci", "scopes": ["read"], "expires_in_days": 7})]
    assert (file.read_text(), file.stat().st_mode & 0o777) == (f"{SECRET}\n", 0o600)
    assert SECRET not in done.out + done.err
    again = wh("tokens", "create", "ci", "--file", str(file))
    assert (again.code, again.next, len(shop.sent)) == (1, "Next: wh tokens create ci --file FILE", 1)
    other = wh("tokens", "create", "ci", "--file", str(tmp_path / "other"), "--json")
    assert "token" not in json.loads(other.out)
    assert wh("tokens", "create", "ci", "--file", "-").out == f"{SECRET}\n"


def test_a_token_is_revoked_by_its_name_when_only_one_has_it(wh: Command, shop: Shop) -> None:
    assert wh("tokens", "revoke", "ci").out == "ci is revoked.\n"
    assert shop.sent == [("DELETE /account/tokens/t1", None)]
    assert wh("tokens", "revoke", "c").next == "Next: wh tokens"
    item = shop.answers["GET /account/tokens"]["items"][0]
    shop.answers["GET /account/tokens"] = shop.page(item, {**item, "id": "t2"})
    assert wh("tokens", "revoke", "ci").next == "Next: wh tokens revoke t1"


def test_a_hook_is_shown_and_its_new_secret_is_written(wh: Command, shop: Shop, tmp_path: Path) -> None:
    assert wh("hook", "shop").out.startswith("https://platform.test/hooks/h1\n")
    assert shop.sent == []
    done = wh("hook", "shop", "--new-secret", str(tmp_path / "hook.txt"))
    assert (tmp_path / "hook.txt").read_text() == f"{SECRET}\n"
    assert SECRET not in done.out + done.err
    assert json.loads(wh("hook", "shop", "--json").out) == shop.project["hook"]


def test_a_check_deploys_what_is_new_and_says_when_nothing_is(wh: Command, shop: Shop) -> None:
    same = {"changed": False, "commit": "0" * 40, "subject": "Same.", "deployment": None, "error": None}
    shop.answers["POST /projects/p1/check"] = same
    assert wh("check", "shop").out == "Nothing new: the branch is at 00000000 “Same.”.\n"
    shop.answers["POST /projects/p1/check"] = {**same, "subject": None}
    assert wh("check", "shop").out == "Nothing new: the branch is at 00000000.\n"
    shop.answers["POST /projects/p1/check"] = {**same, "changed": True, "deployment": deployment(4, "queued")}
    assert "Deployment 4 is queued" in wh("check", "shop", "--detach").out
    shop.answers["POST /projects/p1/check"] = {**same, "error": "The repository is private."}
    done = wh("check", "shop")
    assert (done.code, done.next) == (1, "Next: wh settings shop")
