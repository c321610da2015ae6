"""What `wh` tells of a build: the plan, each step's seconds, and of a failed one first what failed and what to do."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
from shopplatform import Done, Shop, deployment


def built(**changes: Any) -> dict[str, Any]:
    steps = [
        {"number": 1, "instruction": "FROM base AS web", "seconds": 0.2, "cached": True, "stage": "web"},
        {"number": 2, "instruction": "RUN npm ci", "seconds": 6.0, "cached": False, "stage": "web"},
        {"number": 3, "instruction": "COPY . .", "seconds": 3.0, "cached": False, "stage": "web"},
    ]
    nothing = {"plan": None, "failed_step": None, "last_lines": [], "hint": None}
    return {"id": "b1", "reused": False, "steps": steps, **nothing, **changes}


def test_a_build_shows_its_plan_and_the_seconds_of_its_steps(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["GET /deployments/d3/build"] = built(plan={"summary": "Node 22, npm", "notes": ["22 was taken."]})
    done = wh("build", "shop")
    assert done.code == 0
    first, summary, note, heading, *steps = [" ".join(line.split()) for line in done.out.splitlines()]
    assert first.endswith(": live")
    assert (summary, note) == ("detected Node 22, npm", "22 was taken.")
    assert heading == "step took stage instruction"
    assert steps == [
        "1 cached web FROM base AS web",
        f"2 6.0 s {'█' * 12} web RUN npm ci",
        f"3 3.0 s {'█' * 6} web COPY . .",
    ]


def test_a_failed_build_shows_what_failed_the_hint_and_the_last_lines_first(
    wh: Callable[..., Done], shop: Shop
) -> None:
    detail = "The build ended with exit code 1 in step 2 (RUN npm ci).\nThe lock file. Commit it.\nIts last lines:\nno"
    failed = deployment(2, "failed", reason="build_failed", detail=detail, release=None)
    shop.answers["GET /projects/p1/deployments"] = shop.page(deployment(3), failed)
    shop.answers["GET /deployments/d2/build"] = built(
        failed_step=2, last_lines=["no \x1b[31mlock"], hint={"title": "The lock file", "sentence": "Commit it."}
    )
    done = wh("build", "shop", "--deployment", "2")
    assert done.out.splitlines()[1:4] == [
        "The build ended with exit code 1 in step 2 (RUN npm ci).",
        "The lock file. Commit it.",
        "    no \\x1b[31mlock",
    ]
    assert "6.0 s, failed" in done.out


def test_the_status_of_a_failed_build_leads_to_its_steps(wh: Callable[..., Done], shop: Shop) -> None:
    detail = "It ended in step 2.\nThe lock file. Commit it.\nIts last lines:\nno lock"
    shop.environment["latest"] = deployment(4, "failed", reason="build_failed", detail=detail, next_step="Push.")
    told = [line.strip() for line in wh("status", "shop").out.splitlines()]
    begins = told.index("It ended in step 2.")
    assert told[-1] == "Next: wh build shop"
    assert told[begins : begins + 6] == [
        *detail.splitlines(),
        "Push.",
        "Its steps: wh build shop --deployment 4",
    ]


def test_a_script_gets_the_deployment_and_all_of_its_build(wh: Callable[..., Done], shop: Shop) -> None:
    shop.answers["GET /deployments/d3/build"] = built(reused=True, steps=[])
    said = json.loads(wh("build", "shop", "--json").out)
    assert (said["deployment"]["number"], said["build"]["reused"]) == (3, True)


def test_what_was_not_built_or_not_deployed_is_refused_with_the_next_command(
    wh: Callable[..., Done], shop: Shop
) -> None:
    refusal = {"code": "no_build", "detail": "No build of this deployment has begun."}
    shop.answers["GET /deployments/d3/build"] = httpx2.Response(404, json=refusal)
    done = wh("build", "shop")
    assert (done.code, done.next) == (1, "Next: wh deployments shop")
    assert wh("build", "shop", "--deployment", "9").next == "Next: wh deployments shop"
    shop.answers["GET /projects/p1/deployments"] = shop.page()
    assert wh("build", "shop").next == "Next: wh deploy shop"
