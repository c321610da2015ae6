"""What is shown: an address, what must have happened before, and what is done on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.gitserver import GitServer
from tests.running import Platform, wait_for

Known = dict[str, str]
Prepare = Callable[[Platform, GitServer, Known], None]

FILES = {
    "Containerfile": "FROM localhost/wisehosting/python:3.13\nCOPY . /app\nWORKDIR /app\n"
    'CMD ["python3", "-u", "server.py"]\n',
    "server.py": "import http.server, os, sys, threading, time\n"
    "def talk():\n"
    "    for number in range(400):\n"
    "        print(f'\\x1b[32mINFO\\x1b[0m  request {number} answered in {number % 17 + 3} ms')\n"
    "        if number % 9 == 0: print('WARN  slow query: SELECT * FROM orders WHERE paid IS NULL', file=sys.stderr)\n"
    "        time.sleep(0.01)\n"
    "threading.Thread(target=talk, daemon=True).start()\n"
    "http.server.HTTPServer(('0.0.0.0', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()\n",
}
BROKEN = {
    "Containerfile": "FROM localhost/wisehosting/python:3.13\nCOPY . /app\n"
    "RUN echo Compiling && echo 'src/native.c:3:10: fatal error: libpq-fe.h: No such file or directory' >&2 && exit 1\n"
}
LONG = "a-project-with-as-long-a-name-as-may"
MANY = 300


@dataclass(frozen=True)
class Scene:
    """One picture, three times."""

    name: str
    path: str
    after: tuple[Prepare, ...] = ()
    show: Callable[[Page], object] = lambda _page: None
    """What is done on the page once its heading is there."""
    busy: int = 0
    """Parts that stay as if they were on their way."""


def some(platform: Platform, git: GitServer, known: Known) -> None:
    """Three projects: one live with a history, one whose build fails, one that was never deployed."""
    shop = platform.create("shop", git.repository("shop", FILES))
    known["shop"], environment = shop["id"], shop["environments"][0]["id"]
    first = platform.over(shop["environments"][0]["latest"]["id"])
    assert first["status"] == "live", first
    variables = {"LOG_LEVEL": "info", "DATABASE_URL": "postgresql://shop@db.internal/shop", "SMTP_PASSWORD": "secret"}
    body = {"set": {name: {"value": value, "scope": "run"} for name, value in variables.items()}}
    platform.call("PUT", f"/environments/{environment}/variables", body)
    git.push("shop", {"version": "2"}, subject="Show the basket before the prices are known.")
    known["live"] = platform.call("POST", f"/projects/{shop['id']}/deployments", {})["id"]
    platform.over(known["live"])
    broken = platform.create("billing", git.repository("billing", BROKEN))
    known["billing"], known["failed"] = broken["id"], broken["environments"][0]["latest"]["id"]
    platform.over(known["failed"])
    source = {"provider": "git", "url": git.repository("newsletter", FILES)}
    body = {"name": "newsletter", "source": source, "deploy": False}
    known["newsletter"] = platform.call("POST", "/projects", body)["id"]
    known["personal"] = platform.call("GET", "/teams")["items"][0]["id"]
    known["team"] = platform.call("POST", "/teams", {"name": "shop-builders"})["id"]
    for role in ("viewer", "developer", "admin"):
        body = {"email": f"{role}.with.a.long.name@customers.example.org", "role": role}
        platform.call("POST", f"/teams/{known['team']}/invitations", body)
    known["worker"] = platform.call("GET", "/workers")["items"][0]["id"]
    wait_for(lambda: platform.deployment(known["live"])["status"] == "live", within=60, what="the second deployment")


def many(platform: Platform, git: GitServer, known: Known) -> None:
    """Three hundred projects with long names, a hundred variables."""
    url = git.repository("many", FILES)
    for number in range(MANY):
        source = {"provider": "git", "url": url}
        body = {"name": f"p{number:03}-{LONG}"[:39], "source": source, "deploy": False}
        platform.call("POST", "/projects", body)
    shop = platform.call("GET", f"/projects/{known['shop']}")
    body = {
        "set": {
            f"A_VARIABLE_WITH_A_LONG_NAME_NUMBER_{number:03}": {"value": "x" * 300, "scope": "run"}
            for number in range(100)
        }
    }
    platform.call("PUT", f"/environments/{shop['environments'][0]['id']}/variables", body)


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()


def invite(page: Page) -> None:
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def rollback(page: Page) -> None:
    page.get_by_role("button", name="Roll back to 1").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def lines(page: Page) -> None:
    expect(page.get_by_role("log").locator("[data-line]").first).to_be_visible()


def searched(page: Page) -> None:
    lines(page)
    page.keyboard.press("/")
    page.keyboard.type("slow query")
    page.keyboard.press("Enter")
    page.locator("[data-line] button").nth(8).click()


def details(page: Page) -> None:
    page.get_by_role("button", name="Details of").first.click()


EMPTY, SOME, MUCH = (), (some,), (some, many)

SCENES = (
    Scene("gallery", "/gallery", EMPTY, busy=3),
    Scene("empty-overview", "/", EMPTY),
    Scene("empty-projects", "/projects", EMPTY),
    Scene("empty-tokens", "/account/tokens", EMPTY),
    Scene("new-project", "/projects/new", EMPTY),
    Scene("overview", "/", SOME),
    Scene("palette", "/", SOME, palette),
    Scene("projects", "/projects", SOME),
    Scene("project", "/projects/{shop}", SOME),
    Scene("project-new", "/projects/{newsletter}", SOME),
    Scene("project-failed", "/projects/{billing}", SOME),
    Scene("deployments", "/projects/{shop}/deployments", SOME),
    Scene("rollback", "/projects/{shop}/deployments", SOME, rollback),
    Scene("processes", "/projects/{shop}/processes", SOME),
    Scene("logs", "/projects/{shop}/logs", SOME, lines),
    Scene("logs-searched", "/projects/{shop}/logs", SOME, searched),
    Scene("variables", "/projects/{shop}/variables", SOME),
    Scene("settings", "/projects/{shop}/settings", SOME),
    Scene("deployment", "/deployments/{live}", SOME, lines),
    Scene("deployment-failed", "/deployments/{failed}", SOME, lines),
    Scene("teams", "/teams", SOME),
    Scene("team", "/teams/{team}", SOME),
    Scene("team-personal", "/teams/{personal}", SOME),
    Scene("team-invite", "/teams/{team}", SOME, invite),
    Scene("workers", "/workers", SOME),
    Scene("worker", "/workers/{worker}", SOME),
    Scene("platform", "/platform", SOME),
    Scene("account", "/account", SOME),
    Scene("audit", "/audit", SOME, details),
    Scene("missing", "/projects/00000000-0000-7000-8000-000000000000", SOME, lambda page: page.wait_for_timeout(800)),
    Scene("many-overview", "/", MUCH),
    Scene("many-projects", "/projects", MUCH),
    Scene("many-variables", "/projects/{shop}/variables", MUCH),
)
