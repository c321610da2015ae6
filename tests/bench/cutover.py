"""B2, cutover-zero: an app is switched 50 times under load while the sockets of another one go on talking."""

import asyncio
import itertools
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.contenders import CONTENDERS, A, B, ByHand, Contender, Ours, Scene
from tests.bench.figures import percentile, report, row, table
from tests.bench.load import Aim, Load, Report
from tests.bench.origin import Origins
from tests.running import free_port

STATE = Path("/var/lib/wisehosting/bench-cutover")
ROUNDS = 5
SWITCHES = 50
HOSTS = 3000
RATE = 1000
SOCKETS = 100
PACE_SECONDS = 0.5
SETTLE_SECONDS = 1.0
IDLE_SECONDS = 5.0
MILLI = 1000


class Round(msgspec.Struct, kw_only=True):
    """What one contender did in one round."""

    switches: int
    requests: int
    failed: int
    kinds: dict[str, int]
    sockets: float
    gap: float
    commands: list[float]
    wholes: list[float]
    settled: list[float]
    """From the beginning of a switch to when the last request was sent that the old instances answered."""
    cpu: float
    """Of the proxy, a switch."""
    late: float
    """99th percentile of how late requests went out."""
    latency: float
    latency_99: float


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Run all contenders in turn, as often as asked, and print what they did."""
    rounds = rounds or ROUNDS
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    base = free_port(19300)
    scene = Scene(
        folder=STATE,
        port=base,
        hosts=HOSTS,
        sets={"blue": [base + 11, base + 12], "green": [base + 13, base + 14]},
        other=base + 15,
        quiet=base + 16,
    )
    ports = {f"{colour}-{index}": port for colour, ports in scene.sets.items() for index, port in enumerate(ports)} | {
        "other": scene.other
    }
    quiet = _quiet(scene)
    results: dict[str, list[Round]] = {kind.name: [] for kind in CONTENDERS}
    applies: dict[str, list[float]] = {}
    agent: list[float] = []
    idle: list[float] = []
    try:
        with Origins(ports):
            for number in range(rounds):
                for kind in CONTENDERS:
                    contender = kind(scene)
                    done = asyncio.run(_round(contender, scene, idle))
                    results[kind.name].append(done)
                    if isinstance(contender, Ours):
                        agent.append(contender.agent_cpu / done.switches)
                        for name, seconds in contender.applies.items():
                            applies.setdefault(name, []).append(percentile(seconds, 0.5) * MILLI)
                    print(f"round {number + 1} of {rounds}, {_sentence(kind.name, done)}", flush=True)
    finally:
        quiet.terminate()
        quiet.wait()
        shutil.rmtree(STATE, ignore_errors=True)
    return _report(rounds, results, applies, agent, idle)


def _quiet(scene: Scene) -> subprocess.Popen[bytes]:
    """Something that a health check can connect to, for the apps that nobody visits."""
    config = STATE / "quiet.cfg"
    config.write_text(
        "defaults\n  mode tcp\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\n"
        f"frontend quiet\n  bind 127.0.0.1:{scene.quiet}\n  tcp-request connection reject\n"
    )
    return subprocess.Popen(["haproxy", "-db", "-f", str(config)], stderr=subprocess.DEVNULL)


async def _round(contender: Contender, scene: Scene, idle: list[float]) -> Round:
    await contender.start()
    try:
        if isinstance(contender, Ours):
            began = contender.cpu()
            await asyncio.sleep(IDLE_SECONDS)
            idle.append((contender.cpu() - began) / IDLE_SECONDS)
        aim = Aim(address="127.0.0.1", port=scene.port, host=A, rate=RATE, socket_host=B, sockets=SOCKETS)
        with Load(aim) as load:
            await asyncio.sleep(SETTLE_SECONDS)
            began, cpu = time.monotonic(), contender.cpu()
            switches: list[tuple[float, str]] = []
            commands: list[float] = []
            wholes: list[float] = []
            for number in range(SWITCHES):
                to = "green" if number % 2 == 0 else "blue"
                due = began + number * PACE_SECONDS
                await asyncio.sleep(max(PACE_SECONDS / 5, due - time.monotonic()))
                switches.append((time.monotonic(), to))
                switched = await contender.switch(to)
                commands.append(switched.command)
                wholes.append(switched.whole)
                await contender.after()
            await asyncio.sleep(SETTLE_SECONDS)
            cpu = contender.cpu() - cpu
    finally:
        await contender.stop()
    return _judge(load.report, began, switches, commands, wholes, cpu)


def _judge(
    seen: Report,
    began: float,
    switches: list[tuple[float, str]],
    commands: list[float],
    wholes: list[float],
    cpu: float,
) -> Round:
    good = sorted(sample.done for sample in seen.samples if sample.status == 200 and sample.done >= began)
    kinds: dict[str, int] = {}
    for sample in seen.failed():
        kinds[sample.said or str(sample.status)] = kinds.get(sample.said or str(sample.status), 0) + 1
    ends = [*(at for at, _ in switches[1:]), float("inf")]
    settled = []
    for (at, to), end in zip(switches, ends, strict=True):
        old = [
            sample.sent
            for sample in seen.samples
            if at <= sample.sent < end and sample.status == 200 and not sample.said.startswith(to)
        ]
        settled.append(max(old, default=at) - at)
    times = [sample.done - sample.due for sample in seen.samples if sample.status == 200]
    return Round(
        switches=len(switches),
        requests=len(seen.samples),
        failed=len(seen.failed()),
        kinds=kinds,
        sockets=100 * seen.sockets_open / seen.sockets_opened,
        gap=max((later - earlier for earlier, later in itertools.pairwise(good)), default=float("nan")),
        commands=commands,
        wholes=wholes,
        settled=settled,
        cpu=cpu / len(switches),
        late=percentile(seen.lateness(), 0.99),
        latency=percentile(times, 0.5),
        latency_99=percentile(times, 0.99),
    )


def _sentence(name: str, done: Round) -> str:
    why = "".join(
        f", {count} times {kind}" for kind, count in sorted(done.kinds.items(), key=lambda item: -item[1])[:3]
    )
    return (
        f"{name}: {done.failed} of {done.requests} requests failed in {done.switches} switches, {done.sockets:.0f} % of "
        f"sockets survived, switch {percentile(done.commands, 0.5) * MILLI:.2f} ms{why}"
    )


METRICS: tuple[tuple[str, str, Any], ...] = (
    ("failed requests", "", lambda one: one.failed),
    ("sockets of B that survived", "%", lambda one: one.sockets),
    ("longest gap of A", "ms", lambda one: one.gap * MILLI),
    ("switch command p50", "ms", lambda one: percentile(one.commands, 0.5) * MILLI),
    ("switch command p99", "ms", lambda one: percentile(one.commands, 0.99) * MILLI),
    ("whole switch p50", "ms", lambda one: percentile(one.wholes, 0.5) * MILLI),
    ("whole switch p99", "ms", lambda one: percentile(one.wholes, 0.99) * MILLI),
    ("until the old set got its last request p50", "ms", lambda one: percentile(one.settled, 0.5) * MILLI),
    ("proxy CPU a switch, load included", "ms", lambda one: one.cpu * MILLI),
    ("answer p50", "ms", lambda one: one.latency * MILLI),
    ("answer p99", "ms", lambda one: one.latency_99 * MILLI),
    ("generator late p99", "ms", lambda one: one.late * MILLI),
    ("requests sent", "", lambda one: one.requests),
)
TARGETS: dict[str, tuple[float, Any]] = {
    "failed requests": (0, lambda value: value == 0),
    "sockets of B that survived": (100, lambda value: value == 100),
    "switch command p50": (1, lambda value: value <= 1),
    "longest gap of A": (5, lambda value: value <= 5),
}


def _report(
    rounds: int,
    results: dict[str, list[Round]],
    applies: dict[str, list[float]],
    agent: list[float],
    idle: list[float],
) -> dict[str, Any]:
    table(
        f"cutover-zero: {SWITCHES} switches a round at {HOSTS} hosts, {RATE} requests/s, {SOCKETS} sockets; "
        f"median of {rounds} rounds (least to most)",
        list(results),
        [
            (f"{name}, {unit}" if unit else name, [[look(one) for one in done] for done in results.values()])
            for name, unit, look in METRICS
        ],
    )
    extra = [(f"apply for the {name}", "ms", values) for name, values in applies.items()]
    extra += [
        ("agent CPU a switch, all three tables", "ms", [each * MILLI for each in agent]),
        ("proxy CPU a second at rest, its checks of all instances", "ms", [each * MILLI for each in idle]),
    ]
    table("ours, a switch is three tables", ["ours"], [(f"{name}, {unit}", [values]) for name, unit, values in extra])
    rows = []
    floor = results[ByHand.name]
    for name, unit, look in METRICS:
        target, met = TARGETS.get(name, (None, None))
        rows += [
            row(
                name,
                unit,
                [look(one) for one in results[Ours.name]],
                peer=[look(one) for one in results[peer]],
                peer_name=peer,
                floor=[look(one) for one in floor],
                target=target,
                met=met,
            )
            for peer in ("caddy", "nginx")
        ]
    rows += [row(name, unit, values) for name, unit, values in extra]
    return report("cutover-zero", rounds, rows)
