"""B14, dashboard: what a first visit costs and how fresh it stays, with a thousand projects, against a bare shell and polling."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.bench.figures import cpu_seconds, percentile, report, row, table
from tests.dashboard import chromium
from tests.gitserver import GitServer
from tests.running import ROOT, Platform, pid_of, started

STATE = Path("/var/lib/wisehosting/bench-dashboard")
WORK = Path("/var/lib/wisehosting/bench-dashboard-work")
PROJECTS = 1000
ROUNDS = 5
SLOWER = 4
BYTES_PER_SECOND = 1.6e6 / 8
LATENCY_MS = 40
CHANGES = 40
TABS = 10
QUIET_SECONDS = 20.0
JAVASCRIPT_KB, LCP_SECONDS, INP_MS, AGE_SECONDS = 150, 1.5, 100, 0.5

PAGES = {"ours": "/projects", "floor": "/floor/", "polling": "/floor/?poll"}
READY = {"ours": "table tbody tr", "floor": "table tbody tr", "polling": "table tbody tr"}

WATCH = """
window.figures = { lcp: 0, events: {}, seen: [] };
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.figures.lcp = entry.startTime;
}).observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver(list => {
    for (const entry of list.getEntries())
        if (entry.interactionId)
            window.figures.events[entry.interactionId] =
                Math.max(window.figures.events[entry.interactionId] ?? 0, entry.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
FOLLOW = """name => {
    const row = [...document.querySelectorAll('table tbody tr')].find(each => each.textContent.includes(name));
    let before = row.textContent;
    new MutationObserver(() => {
        if (row.textContent === before) return;
        before = row.textContent;
        window.figures.seen.push([Date.now() / 1000, before]);
    }).observe(row, { subtree: true, childList: true, characterData: true });
}"""


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Build the shell, start a platform with a thousand projects, measure in turns, stop it."""
    rounds = rounds or ROUNDS
    with started(STATE, port=17300, apps_port=18380) as platform, chromium() as browser:
        subprocess.run(
            ["npx", "vite", "build", "--config", "floor/vite.config.ts"],
            cwd=ROOT / "web",
            check=True,
            capture_output=True,
        )
        WORK.mkdir(mode=0o711, parents=True, exist_ok=True)
        with GitServer(WORK) as git:
            followed = _fill(platform, git)
            session = _signed_in(browser, platform)
            loads = {
                name: [_load(browser, platform, session, path) for _ in range(rounds)] for name, path in PAGES.items()
            }
            inp = [_interactions(browser, platform, session) for _ in range(rounds)]
            ages = {
                name: _ages(browser, platform, session, path, followed)
                for name, path in PAGES.items()
                if name != "floor"
            }
            cpu = {name: _cpu_per_tab(browser, platform, session, path) for name, path in PAGES.items()}
    return _report(rounds, loads, inp, ages, cpu)


def _fill(platform: Platform, git: GitServer) -> list[Any]:
    url = git.repository("empty", {"README": "nothing to build"})
    made = []
    for number in range(PROJECTS):
        body = {"name": f"project-{number:04}", "source": {"provider": "git", "url": url}, "deploy": False}
        made.append(platform.call("POST", "/projects", body))
    return made[:CHANGES]


def _signed_in(browser: Browser, platform: Platform) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(platform.access["sign_in"])
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=60_000)
    storage = context.storage_state()
    context.close()
    return storage


def _open(browser: Browser, session: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(storage_state=session, viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.add_init_script(WATCH)
    return context, page


def _slow(context: BrowserContext, page: Page, *, network: bool) -> None:
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if network:
        devtools.send("Network.enable")
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_PER_SECOND,
                "uploadThroughput": BYTES_PER_SECOND,
            },
        )


def _address(platform: Platform, path: str) -> str:
    return platform.access["dashboard"].rstrip("/") + path


def _load(browser: Browser, platform: Platform, session: Any, path: str) -> dict[str, float]:
    """A first visit: nothing is cached."""
    context, page = _open(browser, session)
    _slow(context, page, network=True)
    began = time.monotonic()
    page.goto(_address(platform, path), wait_until="commit")
    page.wait_for_function(f"document.querySelectorAll('table tbody tr').length >= {PROJECTS}", timeout=60_000)
    whole = time.monotonic() - began
    found = page.evaluate(
        """() => {
            const files = performance.getEntriesByType('resource');
            const size = files.filter(each => each.name.endsWith('.js')).reduce((sum, each) => sum + each.encodedBodySize, 0);
            return { lcp: window.figures.lcp / 1000, javascript: size / 1024 };
        }"""
    )
    context.close()
    return {"lcp": found["lcp"], "javascript": found["javascript"], "whole": whole}


def _interactions(browser: Browser, platform: Platform, session: Any) -> float:
    """The slowest of a walk with mouse and keyboard: what INP is below fifty interactions. In ms."""
    context, page = _open(browser, session)
    page.goto(_address(platform, "/projects"))
    page.locator("table tbody tr").nth(PROJECTS - 1).wait_for(state="attached", timeout=60_000)
    _slow(context, page, network=False)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("project-0500", delay=30)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="project-0003", exact=True).first.click()
    for tab in ("Deployments", "Variables", "Logs", "Settings", "Overview"):
        page.get_by_role("link", name=tab, exact=True).last.click()
        page.wait_for_timeout(150)
    page.get_by_role("link", name="Projects", exact=True).first.click()
    page.locator("table tbody tr").nth(PROJECTS - 1).wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(500)
    durations = page.evaluate("Object.values(window.figures.events)")
    context.close()
    return max(durations, default=0.0)


def _ages(browser: Browser, platform: Platform, session: Any, path: str, projects: list[Any]) -> list[float]:
    """Seconds from a change being stored to its being shown: deployments that are cancelled while they wait."""
    context, page = _open(browser, session)
    page.goto(_address(platform, path))
    page.locator("table tbody tr").nth(PROJECTS - 1).wait_for(state="attached", timeout=60_000)
    ages = []
    for project in projects:
        page.evaluate(FOLLOW, project["name"])
        page.evaluate("window.figures.seen = []")
        deployment = platform.call("POST", f"/projects/{project['id']}/deployments", {})
        stored = time.time()
        page.wait_for_function("window.figures.seen.length > 0", timeout=30_000)
        ages.append(max(0.0, page.evaluate("window.figures.seen[0][0]") - stored))
        platform.over(deployment["id"])
    context.close()
    return ages


def _cpu_per_tab(browser: Browser, platform: Platform, session: Any, path: str) -> float:
    """Seconds of the control plane's and PostgreSQL's CPU for each tab and minute in which nothing happens."""
    context = browser.new_context(storage_state=session)
    pids = (pid_of(STATE, "cp"), pid_of(STATE, "postgres"))
    alone = _spent(lambda: time.sleep(QUIET_SECONDS), *pids)
    for _ in range(TABS):
        page = context.new_page()
        page.goto(_address(platform, path))
        page.locator("table tbody tr").nth(PROJECTS - 1).wait_for(state="attached", timeout=60_000)
    beside = _spent(lambda: time.sleep(QUIET_SECONDS), *pids)
    context.close()
    return max(0.0, beside - alone) / TABS / QUIET_SECONDS * 60


def _spent(action: Callable[[], None], *pids: int) -> float:
    before = cpu_seconds(*pids)
    action()
    return cpu_seconds(*pids) - before


def _report(
    rounds: int,
    loads: dict[str, list[dict[str, float]]],
    inp: list[float],
    ages: dict[str, list[float]],
    cpu: dict[str, float],
) -> dict[str, Any]:
    def of(name: str, figure: str) -> list[float]:
        return [load[figure] for load in loads[name]]

    table(
        f"a first visit with {PROJECTS} projects, CPU {SLOWER} times slower, 1.6 Mbit/s",
        list(loads),
        [
            ("JavaScript, KB gzip", [of(name, "javascript") for name in loads]),
            ("largest paint, s", [of(name, "lcp") for name in loads]),
            ("all rows, s", [of(name, "whole") for name in loads]),
        ],
    )
    table(
        "age of a status when it is shown, s", list(ages), [("p95", [[percentile(ages[name], 0.95)] for name in ages])]
    )
    table(
        "CPU of the server, ms a tab and minute", list(cpu), [("nothing happens", [[cpu[name] * 1000] for name in cpu])]
    )
    age = [percentile(ages["ours"], 0.95)]
    rows = [
        row(
            "JavaScript of a first visit",
            "KB",
            of("ours", "javascript"),
            floor=of("floor", "javascript"),
            target=JAVASCRIPT_KB,
            met=lambda found: found <= JAVASCRIPT_KB,
        ),
        row(
            "largest contentful paint",
            "s",
            of("ours", "lcp"),
            floor=of("floor", "lcp"),
            target=LCP_SECONDS,
            met=lambda found: found <= LCP_SECONDS,
        ),
        row("slowest interaction", "ms", inp, target=INP_MS, met=lambda found: found <= INP_MS),
        row(
            "age of a status, p95",
            "s",
            age,
            peer=[percentile(ages["polling"], 0.95)],
            peer_name="polling every 2 s",
            target=AGE_SECONDS,
            met=lambda found: found <= AGE_SECONDS,
        ),
        row("server CPU a tab and minute", "s", [cpu["ours"]], peer=[cpu["polling"]], peer_name="polling every 2 s"),
    ]
    for one in rows:
        print(f"{one['metric']}: {one['ours']} {one['unit']} (target {one['target']}, ratio {one['ratio']})")
    return report("dashboard", rounds, rows)
