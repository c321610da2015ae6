"""B3, build-singleflight: what is built once is not built twice, and a heavy build does not harm a neighbour's visitors."""

import time
from pathlib import Path
from typing import Any

from tests.bench import warm_app
from tests.bench.deployers import fresh
from tests.bench.figures import _TICKS, percentile, report, row, table
from tests.bench.load import Aim, Load
from tests.gitserver import GitServer
from tests.running import Platform, free_port, pid_of, run, wait_for
from wisehosting_agent.build.cgroup import ROOT as CGROUPS

STATE = Path("/var/lib/wisehosting/bench-builds")
WORK = Path("/var/lib/wisehosting/bench-builds-work")
ROUNDS = 5
PROJECTS = 8
RATE = 200.0
ALONE_SECONDS = 12.0
CPU_TARGET = 1.1
KNOWN_TARGET = 0.040
NEIGHBOUR_TARGET = 1.1
HEAVY = """\
FROM localhost/wisehosting/python:3.13
COPY work.py /work.py
RUN python3 /work.py
CMD ["true"]
"""
WORK_PY = """\
import multiprocessing, time


def work(number):
    kept = bytearray(150 * 1024 * 1024)
    until = time.monotonic() + 12
    while time.monotonic() < until:
        sum(value * value for value in range(10000))
    return len(kept)


if __name__ == "__main__":
    with multiprocessing.Pool(4) as pool:
        print(pool.map(work, range(4)))
"""


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Start a platform, build in turns, stop it."""
    rounds = rounds or ROUNDS
    if (STATE / "number").exists():  # of a run that was killed
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
    fresh(WORK).chmod(0o711)
    port, apps_port = free_port(19600), free_port(19680)
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
            return _report(rounds, *_shared(platform, server, rounds), _neighbour(platform, server, rounds))
    finally:
        run("./dev", "down", "--state", STATE, "--erase", "--yes")
        fresh(WORK)


def _shared(
    platform: Platform, server: GitServer, rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """(CPU seconds of the builder for one project and for eight, seconds until the image is known)."""
    one = platform.create("alone", server.repository("alone", warm_app.files("0")))
    # Other contents than those of the one: what the team has built already would be found.
    eight_url = server.repository("shared", warm_app.files("shared 0"))
    eight = [platform.create(f"shared-{number}", eight_url) for number in range(PROJECTS)]
    for project in (one, *eight):
        platform.over(project["environments"][0]["latest"]["id"], within=600)
    cpu: dict[str, list[float]] = {"one": [], "eight": [], "nothing": [], "builds": [], "checkouts": []}
    known: dict[str, list[float]] = {"same tree": [], "checkout of it": [], "seen commit": [], "checkouts": []}
    for number in range(1, rounds + 1):
        server.push("alone", warm_app.change(str(number)))
        cpu["one"].append(_builder_seconds(platform, [one])[0])
        server.push("shared", warm_app.change(f"shared {number}"))
        seconds, done = _builder_seconds(platform, eight)
        cpu["eight"].append(seconds)
        cpu["builds"].append(float(sum("STEP 1/" in platform.log(deployment["id"]) for deployment in done)))
        cpu["checkouts"].append(float(sum(_checkouts(platform, deployment) for deployment in done)))
        server.push("alone", {}, subject="Nothing changes.")
        (same,) = _deploy(platform, [one])
        known["same tree"].append(_phase(same, "built"))
        known["checkout of it"].append(_phase(same, "checked_out"))
        nothing, (again,) = _builder_seconds(platform, [one])
        cpu["nothing"].append(nothing)
        known["seen commit"].append(_phase(again, "checked_out") + _phase(again, "built"))
        known["checkouts"].append(float(_checkouts(platform, again)))
        print(
            f"round {number} of {rounds}: one {cpu['one'][-1]:.2f} s, eight {cpu['eight'][-1]:.2f} s CPU with "
            f"{cpu['builds'][-1]:.0f} build; same tree {known['same tree'][-1] * 1000:.0f} ms, "
            f"seen commit {known['seen commit'][-1] * 1000:.0f} ms",
            flush=True,
        )
    return cpu, known


def _deploy(platform: Platform, projects: list[Any]) -> list[Any]:
    """Deploy the branch's newest commit of each at once; what is live of each in the end.

    A push may be seen by the platform itself meanwhile; the newer of two deployments of one commit goes on.
    """
    for project in projects:
        platform.call("POST", f"/projects/{project['id']}/deployments", {})
    done = []
    for project in projects:
        while True:
            (environment,) = platform.call("GET", f"/projects/{project['id']}")["environments"]
            latest = platform.over(environment["latest"]["id"], within=300)
            if latest["status"] != "cancelled":
                break
        assert latest["status"] == "live", latest
        done.append(latest)
    return done


def _phase(deployment: Any, name: str) -> float:
    return float(next(one["seconds"] for one in deployment["phases"] if one["phase"] == name))


def _builder_seconds(platform: Platform, projects: list[Any]) -> tuple[float, list[Any]]:
    """CPU of what the agent started and saw end (git, podman build and all its steps), and the deployments."""
    before = _ended(pid_of(STATE, "agent"))
    done = _deploy(platform, projects)
    return _ended(pid_of(STATE, "agent")) - before, done


def _ended(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICKS


def _neighbour(platform: Platform, server: GitServer, rounds: int) -> dict[str, list[float]]:
    """p99 of a served app, alone and while a heavy build runs, and what that build took."""
    served = platform.create("served", server.repository("served", warm_app.files("0")))
    platform.over(served["environments"][0]["latest"]["id"], within=300)
    heavy = platform.create("heavy", server.repository("heavy", {"Containerfile": HEAVY, "work.py": WORK_PY}))
    platform.call("POST", f"/deployments/{heavy['environments'][0]['latest']['id']}/cancel")
    aim = Aim(address="127.0.0.1", port=platform.apps_port, host=served["environments"][0]["hostname"], rate=RATE)
    found: dict[str, list[float]] = {"alone": [], "beside": [], "cpu": [], "memory": [], "failed": []}
    for number in range(1, rounds + 1):
        with Load(aim) as load:
            time.sleep(ALONE_SECONDS)
        found["alone"].append(_p99(load))
        server.push("heavy", {"work.py": f"{WORK_PY}# {number}\n"})
        cpu, memory, load = _beside(platform, heavy["id"], aim)
        found["beside"].append(_p99(load))
        found["cpu"].append(cpu)
        found["memory"].append(memory / 1024**2)
        found["failed"].append(float(len(load.report.failed())))
        print(
            f"round {number} of {rounds}: p99 {found['alone'][-1]:.2f} ms alone, {found['beside'][-1]:.2f} ms beside a build "
            f"of {cpu:.1f} s CPU and {found['memory'][-1]:.0f} MB; {found['failed'][-1]:.0f} failed",
            flush=True,
        )
    return found


def _p99(load: Load) -> float:
    return percentile([sample.done - sample.due for sample in load.report.samples], 0.99) * 1000


def _beside(platform: Platform, project: str, aim: Aim) -> tuple[float, int, Load]:
    """CPU seconds and most memory of one heavy build, and the load that ran beside its heavy step."""
    started = platform.call("POST", f"/projects/{project}/deployments", {})["id"]
    wait_for(lambda: _reached(platform, started, "STEP 3/") or None, within=120, what="the heavy step")
    before = _ended(pid_of(STATE, "agent"))
    most = 0
    with Load(aim) as load:
        until = time.monotonic() + ALONE_SECONDS
        while time.monotonic() < until and platform.deployment(started)["status"] == "building":
            most = max(most, _memory())
            time.sleep(0.5)
    wait_for(lambda: platform.deployment(started)["status"] != "building" or None, within=300, what="the build's end")
    cpu = _ended(pid_of(STATE, "agent")) - before
    platform.over(started, within=300)
    return cpu, most, load


def _checkouts(platform: Platform, deployment: Any) -> int:
    return platform.log(deployment["id"]).count("Checking out ")


def _reached(platform: Platform, deployment: str, step: str) -> bool:
    page = platform.call("GET", f"/deployments/{deployment}/log?format=json")
    return any(step in line["text"] for line in page["items"])


def _memory() -> int:
    """Of all builds on this machine now."""
    for pattern in ("memory/*/build-*/memory.usage_in_bytes", "*/build-*/memory.current"):
        if found := list(CGROUPS.glob(pattern)):
            return sum(int(path.read_text()) for path in found if path.exists())
    return 0


def _report(
    rounds: int, cpu: dict[str, list[float]], known: dict[str, list[float]], neighbour: dict[str, list[float]]
) -> dict[str, Any]:
    table(
        "builder, CPU seconds; eight projects of one team on one commit",
        ["one", "eight", "one without a build", "builds of eight", "checkouts of eight"],
        [("CPU", [cpu["one"], cpu["eight"], cpu["nothing"], cpu["builds"], cpu["checkouts"]])],
    )
    table("until the image is known, seconds", list(known), [("seconds", list(known.values()))])
    table(
        "a neighbour's visitors, p99 in ms; the build's CPU seconds and MB",
        list(neighbour),
        [("", list(neighbour.values()))],
    )
    # What each of them takes to be started is none of the builder's: a deployment without a build shows it.
    rounds_of = zip(cpu["one"], cpu["eight"], cpu["nothing"], strict=True)
    ratio = [(eight - PROJECTS * start) / (one - start) for one, eight, start in rounds_of]
    worse = [beside / alone for alone, beside in zip(neighbour["alone"], neighbour["beside"], strict=True)]
    rows = [
        row("builder CPU of eight over one", "ratio", ratio, target=CPU_TARGET, met=lambda found: found <= CPU_TARGET),
        row("builds of eight projects", "count", cpu["builds"], target=1, met=lambda found: found <= 1),
        row(
            "tree known to image known",
            "s",
            known["same tree"],
            target=KNOWN_TARGET,
            met=lambda found: found <= KNOWN_TARGET,
        ),
        row("checkouts of a seen commit", "count", known["checkouts"], target=0, met=lambda found: found == 0),
        row(
            "neighbour's p99 during over without",
            "ratio",
            worse,
            target=NEIGHBOUR_TARGET,
            met=lambda found: found <= NEIGHBOUR_TARGET,
        ),
    ]
    for one in rows:
        print(
            f"{one['metric']}: {one['ours']} {one['unit']} (target {one['target']}): {'met' if one['met'] else 'missed'}"
        )
    return report("build-singleflight", rounds, rows)
