"""B1, deploy-warm: from the hook's call to the first answer of the new version, on a real `./dev up`."""

import asyncio
import hashlib
import hmac
import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import warm_app
from tests.bench.deployers import Floor, Marks, ReloadedProxy, Scripted, SlotProxy, fresh, scene, until_answered
from tests.bench.figures import report, row, table
from tests.gitserver import GitServer
from tests.running import Platform, free_port, run, wait_for
from wisehosting_agent.config import load

STATE = Path("/var/lib/wisehosting/bench-deploy")
WORK = Path("/var/lib/wisehosting/bench-deploy-work")
ROUNDS = 20
REST_SECONDS = 2.0
WAIT_SECONDS = 5.0
PEER = "podman build, podman run, nginx -s reload, with the 5 s that Dokku's documentation names before its first check"
FLOOR_TARGET = 1.15
PEER_TARGET = 8.0


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Start a platform, deploy in turns, stop it."""
    rounds = rounds or ROUNDS
    if (STATE / "number").exists():  # of a run that was killed
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
    fresh(WORK).chmod(0o711)
    port, apps_port = free_port(19400), free_port(19480)
    up = run("./dev", "up", "--state", STATE, "--port", str(port), "--apps-port", str(apps_port), "--detach")
    if up.returncode:
        raise SystemExit(up.stdout + up.stderr)
    try:
        platform = Platform(STATE / "access.json")
        wait_for(
            lambda: all(base["status"] == "ready" for base in platform.call("GET", "/platform")["bases"]) or None,
            within=300,
            what="the base images",
        )
        with GitServer(WORK) as server:
            return asyncio.run(_rounds(platform, server, rounds))
    finally:
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
        fresh(WORK)


class Ours:
    """The product from outside: a push, its hook, an answer."""

    def __init__(self, platform: Platform, url: str) -> None:
        self._platform = platform
        self.project = platform.create("warm", url)
        (self.environment,) = self.project["environments"]
        self.host = self.environment["url"].split("//", 1)[1].split(":", 1)[0]
        hook = platform.call("POST", f"/projects/{self.project['id']}/hook-secret")
        self._hook_url, self._secret = hook["url"], hook["secret"]

    def first(self) -> None:
        """Wait for the deployment that a new project makes by itself."""
        (deployment,) = self._platform.call("GET", f"/projects/{self.project['id']}/deployments")["items"]
        self._platform.over(deployment["id"])

    def push(self, version: str) -> tuple[Marks, Any]:
        """Call the hook; the clock stops at the first answer of the version."""
        body = json.dumps({"ref": "refs/heads/main"}).encode()
        signature = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Delivery": str(uuid.uuid4())}
        return self._timed(lambda: self._hook(body, headers), version)

    def again(self) -> tuple[Marks, Any]:
        """Deploy the same commit again; the clock stops at the first answer with the new number."""
        return self._timed(self._deploy, None)

    def variable(self, value: str) -> tuple[Marks, Any]:
        """Change a variable and deploy; the clock stops when an answer has the value."""
        path = f"/environments/{self.environment['id']}/variables"
        self._platform.call("PUT", path, {"set": {"SEASON": {"value": value}}})
        return self._timed(self._deploy, value)

    def _hook(self, body: bytes, headers: dict[str, str]) -> str:
        answer = self._platform.http.post(self._hook_url, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["deployment"])

    def _deploy(self) -> str:
        return str(self._platform.call("POST", f"/projects/{self.project['id']}/deployments", {})["id"])

    def _timed(self, begin: Callable[[], str], text: str | None) -> tuple[Marks, Any]:
        marks = Marks()
        deployment = begin()
        marks.mark("asked")
        wanted = text
        if wanted is None:
            number = self._platform.deployment(deployment)["number"]
            wanted = f"x-wisehosting-deployment: {number}\r\n"
        until_answered(self._platform.apps_port, self.host, wanted)
        marks.mark("answer")
        done = self._platform.over(deployment)
        assert done["status"] == "live", done
        return marks, done


async def _rounds(platform: Platform, server: GitServer, rounds: int) -> dict[str, Any]:
    urls = {name: server.repository(name, warm_app.files("0")) for name in ("ours", "floor", "script")}
    agent = load(STATE / "agent.toml")
    slots, reloaded = SlotProxy(scene(WORK, free_port(19500))), ReloadedProxy(scene(WORK, free_port(19540)))
    ours = Ours(platform, urls["ours"])
    floor = Floor(fresh(WORK / "floor"), urls["floor"], agent, slots)
    script = Scripted(fresh(WORK / "script"), urls["script"], agent, reloaded, WAIT_SECONDS)
    found: dict[str, list[Marks]] = {"push": [], "floor": [], "script": [], "again": [], "variable": []}
    phases: dict[str, list[Any]] = {"push": [], "again": [], "variable": []}
    try:
        await slots.start()
        await reloaded.start()
        await asyncio.to_thread(ours.first)
        await floor.prepare()  # not before: two commits on one base at the same time unmount it under each other
        for number in range(-1, rounds):  # the first one is not counted: layers and stores are cold
            version = f"v{number}-{time.monotonic_ns()}"
            for name in urls:
                server.push(name, warm_app.change(version))
            one: dict[str, Marks] = {}
            one["push"], deployment = await asyncio.to_thread(ours.push, version)
            taken = {"push": deployment}
            await asyncio.sleep(REST_SECONDS)
            one["floor"] = await floor.deploy(slots.scene.port, version)
            one["script"] = await script.deploy(reloaded.scene.port, version)
            one["again"], taken["again"] = await asyncio.to_thread(ours.again)
            await asyncio.sleep(REST_SECONDS)
            one["variable"], taken["variable"] = await asyncio.to_thread(ours.variable, f"season-{version}")
            await asyncio.sleep(REST_SECONDS)
            line = ", ".join(f"{name} {marks.whole:.2f} s" for name, marks in one.items())
            print(f"round {number + 1} of {rounds}: {line}{'' if number >= 0 else ' (not counted)'}", flush=True)
            if number >= 0:
                for name, marks in one.items():
                    found[name].append(marks)
                for name, deployment in taken.items():
                    phases[name].append(deployment)
    finally:
        for closing in (floor.close, script.close, slots.stop, reloaded.stop):
            try:
                await closing()
            except Exception as error:  # noqa: BLE001  the others still want to be closed
                print(f"closing: {error}")
    return _report(rounds, found, phases)


def _report(rounds: int, found: dict[str, list[Marks]], phases: dict[str, list[Any]]) -> dict[str, Any]:
    whole = {name: [marks.whole for marks in each] for name, each in found.items()}
    table(
        f"deploy-warm, seconds from the hook to the first answer; median of {rounds} rounds (least to most)",
        ["one line pushed", "floor", "script", "same commit again", "variable only"],
        [("seconds", [whole[name] for name in ("push", "floor", "script", "again", "variable")])],
    )
    print(f"script: {PEER}")
    for name in ("floor", "script"):
        steps = list(found[name][0].steps)
        table(f"steps of the {name}", ["s"], [(step, [[one.steps[step] for one in found[name]]]) for step in steps])
    for name, deployments in phases.items():
        table(f"phases of ours ({name}; until live, which is after the first answer)", ["s"], _phases(deployments))
    rows = [
        row(
            "push to first answer, by floor",
            "s",
            whole["push"],
            floor=whole["floor"],
            target=FLOOR_TARGET,
            met=lambda ours: ours <= FLOOR_TARGET * sorted(whole["floor"])[len(whole["floor"]) // 2],
        ),
        row(
            "push to first answer, by peer",
            "s",
            whole["push"],
            peer=whole["script"],
            peer_name=PEER,
            floor=whole["floor"],
            target=PEER_TARGET,
            met=lambda ours: sorted(whole["script"])[len(whole["script"]) // 2] >= PEER_TARGET * ours,
        ),
        row("same commit deployed again", "s", whole["again"], floor=whole["floor"]),
        row("variables only", "s", whole["variable"], floor=whole["floor"]),
    ]
    rows += [
        row(f"phase {phase}, {name}", "s", values)
        for name, deployments in phases.items()
        for phase, (values,) in _phases(deployments)
    ]
    rows += [
        row(f"step {step}, {name}", "s", [one.steps[step] for one in found[name]])
        for name in ("floor", "script")
        for step in found[name][0].steps
    ]
    return report("deploy-warm", rounds, rows, load=os.getloadavg()[0])


def _phases(deployments: list[Any]) -> list[tuple[str, list[list[float]]]]:
    by_phase: dict[str, list[float]] = {}
    for deployment in deployments:
        for phase in deployment["phases"]:
            if phase["seconds"] is not None:
                by_phase.setdefault(phase["phase"], []).append(phase["seconds"])
    return [(phase, [values]) for phase, values in by_phase.items()]
