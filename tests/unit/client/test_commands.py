"""The commands of `wh` for a running app: what they send, print and exit with."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from shopplatform import Done, Shop, deployment

from wisehosting_client import cli, grammar, terminal


def test_a_rollback_without_a_number_goes_to_the_release_that_was_live_before(
    wh: Callable[..., Done], shop: Shop
) -> None:
    shop.answers["POST /environments/e1/rollback"] = deployment(4, "queued", release=1)
    steps = [deployment(4, "queued"), deployment(4, "starting"), deployment(4, "starting"), deployment(4, "live")]
    shop.answers["GET /deployments/d4"] = steps
    done = wh("rollback", "shop")
    assert shop.sent == [("POST /environments/e1/rollback", {"release": 1})]
    assert done.code == 0
    assert done.err.splitlines() == [
        "Back to release 1. Its instances are kept: instant.",
        "Deployment 4 of shop",
        "  built          2.0 s",
        "  queued",
        "  starting",
    ]
    assert "Deployment 4 is live: http://shop.test/" in done.out


def test_a_rollback_that_fails_exits_with_2_and_the_next_command(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["POST /environments/e1/rollback"] = deployment(4, "queued")
    shop.answers["GET /deployments/d4"] = deployment(4, "failed", reason="never_ready", detail="It did not answer.")
    done = wh("rollback", "shop", "1")
    assert (done.code, done.out) == (2, "")
    assert "Deployment 4 failed (never_ready).\nIt did not answer.\n" in done.err
    assert done.next == "Next: wh deploy shop"
    script = wh("rollback", "shop", "1", "--json")
    assert (script.code, json.loads(script.out)["reason"]) == (2, "never_ready")


def test_there_is_no_way_back_to_what_is_live_or_where_nothing_was(wh: Callable[..., Done], shop: Shop) -> None:
    assert wh("rollback", "shop", "3").next == "Next: wh restart shop"
    shop.answers["GET /projects/p1/deployments"] = shop.page(deployment(3), deployment(2, "replaced", release=3))
    assert wh("rollback", "shop").next == "Next: wh releases shop"
    assert shop.sent == []


def test_cancel_ends_what_waits_before_what_runs(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["GET /projects/p1/deployments"] = shop.page(
        deployment(5, "queued"), deployment(4, "building"), deployment(3)
    )
    shop.answers["POST /deployments/d5/cancel"] = deployment(5, "cancelled")
    shop.answers["POST /deployments/d4/cancel"] = deployment(4, "cancelled")
    done = wh("cancel", "shop")
    assert [call for call, _ in shop.sent] == ["POST /deployments/d5/cancel", "POST /deployments/d4/cancel"]
    assert done.out.splitlines()[-1] == "deployment 3, release 3, 00000003 “Change [3].” stays live."


def test_cancel_with_nothing_under_way_is_an_error(wh: Callable[..., Done]) -> None:
    done = wh("cancel", "shop")
    assert (done.code, done.next) == (1, "Next: wh status shop")
    assert wh("cancel", "shop", "9").next == "Next: wh deployments shop"


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("deployment_under_way", "wh status shop, or wh cancel shop"),
        ("nothing_live", "wh deploy shop"),
        ("project_deleted", "wh restore shop"),
        ("a_code_of_tomorrow", "wh status shop"),
    ],
)
def test_every_refusal_ends_with_the_next_command(wh: Callable[..., Done], shop: Shop, code: str, command: str) -> None:
    shop.refuses("POST /environments/e1/restart", code)
    done = wh("restart", "shop")
    assert (done.code, done.err) == (1, f"No.\nNext: {command}\n")


def test_scale_without_anything_live_says_what_the_next_deployment_does(wh: Callable[..., Done], shop: Shop) -> None:
    shop.environment |= {"live": None}
    shop.answers["PATCH /environments/e1"] = lambda: shop.environment.update(replicas=3) or shop.project
    assert (
        wh("scale", "shop", "3").out
        == "Nothing of shop is live; the next deployment starts 3 instances: wh deploy shop\n"
    )
    assert shop.sent == [("PATCH /environments/e1", {"replicas": 3})]


def test_delete_asks_for_the_typed_name_and_keeps_the_project_when_it_is_another(
    wh: Callable[..., Done], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "somebody_types", lambda: True)
    shop.answers["DELETE /projects/p1"] = lambda: shop.deleted() or shop.project
    wrong = wh("delete", "shop", typed="shopp\n")
    assert (wrong.code, shop.sent) == (1, [])
    assert "That is not shop; nothing was deleted." in wrong.err
    assert wrong.next == "Next: wh delete shop"
    right = wh("delete", "shop", typed="shop\n")
    assert shop.sent == [("DELETE /projects/p1", None)]
    assert (
        right.out
        == "shop is deleted and stops serving. It can be restored until 2999-12-08 09:30 UTC: wh restore shop\n"
    )


def test_delete_without_a_terminal_needs_yes(wh: Callable[..., Done], shop: Shop) -> None:
    refused = wh("delete", "shop", "--for-good")
    assert (refused.code, refused.next, shop.sent) == (1, "Next: wh delete shop --for-good --yes", [])


def test_delete_for_good_deletes_first(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["DELETE /projects/p1"] = lambda: shop.deleted() or shop.project
    assert wh("delete", "shop", "--for-good", "--yes").code == 0
    assert [call for call, _ in shop.sent] == ["DELETE /projects/p1", "DELETE /projects/p1?for_good=true"]
    shop.sent.clear()
    assert wh("delete", "shop", "--for-good", "--yes").code == 0
    assert [call for call, _ in shop.sent] == ["DELETE /projects/p1?for_good=true"]


def test_a_deleted_project_is_listed_with_the_way_back_and_without_its_address(
    wh: Callable[..., Done], shop: Shop
) -> None:
    shop.deleted()
    listed = wh("projects").out
    assert "deleted" in listed
    assert "until 2999-12-08 09:30 UTC: wh restore shop" in listed
    assert "http://shop.test/" not in listed
    shop.project["purge_at"] = "2020-01-01T00:00:00Z"
    assert "it is being removed" in wh("projects").out


def test_restore_follows_what_is_started_again(wh: Callable[..., Done], shop: Shop) -> None:
    shop.deleted()
    started = deployment(4, "queued", cause="restore")
    shop.answers["POST /projects/p1/restore"] = lambda: shop.environment.update(latest=started) or shop.project
    shop.answers["GET /deployments/d4"] = deployment(4, "live")
    assert "Deployment 4 is live" in wh("restore", "shop").out


def test_restore_of_what_is_not_deleted_says_so(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["POST /projects/p1/restore"] = shop.project
    done = wh("restore", "shop")
    assert (done.code, done.out) == (0, "shop is not deleted; there is nothing to restore.\n")


def test_a_project_alone_lists_its_variables_and_a_mistyped_command_does_not(
    wh: Callable[..., Done], shop: Shop
) -> None:
    listed = wh("variables", "shop").out
    assert [row.split()[:2] for row in listed.splitlines()[1:]] == [["KEY", "both"]]
    assert wh("variables", "list", "shop").out == listed
    assert json.loads(wh("variables", "shop", "--json").out)["version"] == 7
    shop.project["name"] = "set"
    assert wh("variables", "list", "set").out == listed
    mistyped = wh("variables", "sett", "shop", "KEY=hunter2")
    assert (mistyped.code, mistyped.next, shop.sent) == (64, "Next: wh variables --help", [])
    assert "No such command 'sett'" in mistyped.err
    assert "hunter2" not in mistyped.err


def test_variables_keep_what_they_are_for_and_are_written_only_onto_the_version_that_was_read(
    wh: Callable[..., Done], shop: Shop
) -> None:
    shop.answers["PUT /environments/e1/variables"] = {"version": 8, "items": []}
    done = wh("variables", "set", "shop", "KEY=a=b", "NEW=")
    written = {"KEY": {"value": "a=b", "scope": "both"}, "NEW": {"value": "", "scope": "run"}}
    assert shop.sent == [("PUT /environments/e1/variables", {"set": written, "remove": []})]
    assert shop.headers[0]["if-match"] == '"7"'
    assert done.out == "Set KEY, NEW.\nThe next deployment uses them: wh deploy shop\n"


@pytest.mark.parametrize(
    ("flags", "scope"), [(["--build"], "build"), (["--run"], "run"), (["--build", "--run"], "both")]
)
def test_what_a_variable_is_for_can_be_chosen(
    wh: Callable[..., Done], shop: Shop, flags: list[str], scope: str
) -> None:
    shop.answers["PUT /environments/e1/variables"] = {"version": 8, "items": []}
    assert wh("variables", "set", "shop", "KEY=1", *flags).code == 0
    assert shop.sent[0][1]["set"] == {"KEY": {"value": "1", "scope": scope}}


def test_a_change_of_variables_is_repeated_when_somebody_was_faster_but_not_for_ever(
    wh: Callable[..., Done], shop: Shop
) -> None:
    stale = httpx2.Response(412, json={"code": "variables_changed", "detail": "Changed."})
    shop.answers["PUT /environments/e1/variables"] = [stale, {"version": 9, "items": []}]
    assert wh("variables", "unset", "shop", "KEY").out.startswith("Removed KEY.")
    assert len(shop.sent) == 2
    shop.answers["PUT /environments/e1/variables"] = stale
    assert wh("variables", "unset", "shop", "KEY").next == "Next: wh variables shop"
    assert len(shop.sent) == 5


def test_a_value_comes_from_standard_input_without_its_last_end_of_line(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["PUT /environments/e1/variables"] = {"version": 8, "items": []}
    wh("variables", "set", "shop", "KEY=-", "B=2", typed="one\ntwo\n")
    assert {name: change["value"] for name, change in shop.sent[0][1]["set"].items()} == {"KEY": "one\ntwo", "B": "2"}
    assert wh("variables", "set", "shop", "A=-", "B=-").code == 64


def test_what_is_no_assignment_is_refused_without_being_repeated(wh: Callable[..., Done], shop: Shop) -> None:
    done = wh("variables", "set", "shop", "A=1", "hunter2")
    assert (done.code, done.next, shop.sent) == (64, "Next: wh variables set --help", [])
    assert "Number 2 is not NAME=VALUE" in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize(("live", "body"), [(True, {"ref": "00000003ffff"}), (False, {})])
def test_variables_are_deployed_with_the_live_commit_or_the_branch_when_nothing_is_live(
    wh: Callable[..., Done], shop: Shop, live: bool, body: dict[str, str]
) -> None:
    if not live:
        shop.environment["live"] = None
    shop.answers |= {
        "PUT /environments/e1/variables": {"version": 8, "items": []},
        "POST /projects/p1/deployments": deployment(4, "queued"),
        "GET /deployments/d4/log": httpx2.Response(200, text="event: end\ndata: {}\n\n"),
        "GET /deployments/d4": deployment(4),
    }
    done = wh("variables", "set", "shop", "KEY=1", "--deploy", "--json")
    assert shop.sent[1] == ("POST /projects/p1/deployments", body)
    printed = json.loads(done.out)
    assert (printed["variables"]["version"], printed["deployment"]["number"]) == (8, 4)


def test_the_status_tells_what_is_live_what_is_under_way_and_the_trouble_of_instances(
    wh: Callable[..., Done], shop: Shop
) -> None:
    ended = {"at": "2026-12-01T09:30:00Z", "reason": None, "detail": "Ended: \x1b[31mred\n", "next_step": "Look."}
    running = {"deployment_id": "d3", "process": "web", "wanted": "running", "leaving": False, "worker": "local"}
    quiet = {"reason": None, "detail": None, "next_step": None, "restarts": 0, "last_end": None}
    shop.answers["GET /instances"] = shop.page(
        {"id": "0000aaaa", "status": "ready", **running, **quiet, "restarts": 2, "last_end": ended},
        {"id": "0000bbbb", "status": "stopped", **running, **quiet, "deployment_id": "d1", "wanted": "stopped"},
    )
    waiting = deployment(5, "queued", release=None, waiting_for="Deployment 4 has to end first.")
    shop.environment["latest"] = waiting
    shop.answers["GET /projects/p1/deployments"] = shop.page(waiting, deployment(4, "building"), deployment(3))
    lines = wh("status", "shop").out.splitlines()
    assert lines[0] == "shop  http://shop.test/"
    assert "live        deployment 3, release 3, 00000003 “Change [3].”, since 2026-12-01 09:31 UTC" in lines
    assert "instances   1 of 1 ready" in lines
    assert "  aaaa      ready on local, restarts: 2" in lines
    assert "            2026-12-01 09:30 UTC: Ended: \\x1b[31mred" in lines
    assert "            Look." in lines
    assert "  bbbb      kept for an instant rollback on local" in lines
    assert [line.split("is ")[-1] for line in lines if line.startswith("under way")] == [
        "building",
        "queued: Deployment 4 has to end first.",
    ]


def test_lists_show_what_became_of_deployments_and_how_releases_come_back(wh: Callable[..., Done]) -> None:
    listed = wh("deployments", "shop", "--limit", "1").out
    assert "Change [3]." in listed
    assert "Change [2]." not in listed
    assert [row.split()[:2] for row in wh("releases", "shop").out.splitlines()[1:3]] == [
        ["3", "live"],
        ["1", "instant"],
    ]


def test_in_a_pipe_a_row_is_one_line_and_nothing_is_cut(
    wh: Callable[..., Done], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.answers["GET /projects/p1/deployments"] = shop.page(
        deployment(3, "cancelled", reason="cancelled_by_user", subject="A long subject. " * 20 + "End.")
    )
    printed = wh("deployments", "shop").out
    monkeypatch.setenv("COLUMNS", "40")
    assert wh("deployments", "shop").out == printed
    _, row = printed.splitlines()
    assert "cancelled (cancelled_by_user)" in row
    assert row.rstrip().endswith("End.")


def test_a_name_that_several_teams_use_is_not_guessed(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["GET /projects"] = shop.page(shop.project, {**shop.project, "id": "p2"})
    done = wh("delete", "shop", "--yes")
    assert (done.code, shop.sent) == (1, [])
    assert "p1, p2" in done.err
    shop.answers["DELETE /projects/p1"] = lambda: shop.deleted() or shop.project
    assert wh("delete", "p1", "--yes").code == 0


def test_the_version_is_told_alone(wh: Callable[..., Done]) -> None:
    done = wh("--version")
    assert (done.code, done.out.split()[0]) == (0, "wh")


@pytest.mark.parametrize(("words", "command"), list(grammar.leaves(grammar.tree(cli.app))))
def test_every_command_says_what_it_does_with_an_example_of_itself_and_prints_json_for_scripts(
    wh: Callable[..., Done], words: tuple[str, ...], command: Any
) -> None:
    helped = wh(*words, "--help")
    assert (helped.code, "<bool>" in helped.out) == (0, False)
    examples = [line for line in command.help.splitlines() if line.startswith("Example: wh ")]
    # `wh variables shop` is `wh variables list shop`.
    name = " ".join(word for word in words if word != "list")
    assert any(line.startswith(f"Example: wh {name}") for line in examples)
    for line in examples:
        assert len(line) < 120
    options = {option for param in command.params for option in param.opts}
    assert "--json" in options or words == ("completion",)
