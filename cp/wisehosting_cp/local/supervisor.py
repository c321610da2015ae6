"""`./dev up`: starts the parts in order, keeps them running, ends them in the opposite order. State survives."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_cp.local import logs, parts, processes
from wisehosting_cp.local.access import tunnel, write_access
from wisehosting_cp.local.certificate import ensure_certificate
from wisehosting_cp.local.child import Child, Part, run_once
from wisehosting_cp.local.client import Api
from wisehosting_cp.local.console import Console
from wisehosting_cp.local.errors import LocalError, Unfit
from wisehosting_cp.local.numbers import Plan, plan
from wisehosting_cp.local.postgres import STOP_SIGNAL, Postgres, ensure_user
from wisehosting_cp.local.preflight import Verdict, judge
from wisehosting_cp.local.servers import LoopbackServer
from wisehosting_cp.local.state import State, write_private
from wisehosting_cp.local.world import probe

READY_SECONDS = 120.0
ROTATE_SECONDS = 30.0
END_ORDER = ("agent", "cp", "podman", "postgres")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the caller chose."""

    state: Path
    port: int | None = None
    apps_port: int | None = None
    number: int | None = None
    limits: Literal["enforced", "reported"] = "enforced"
    network_allow: list[str] = field(default_factory=list)


class Supervisor:
    """One platform on this machine, from start to stop."""

    def __init__(self, options: Options, console: Console, *, on_ready: Callable[[], None] | None = None) -> None:
        self._options = options
        self._console = console
        self._on_ready = on_ready
        self.state = State(options.state)
        self._stop = asyncio.Event()
        self._stack = AsyncExitStack()
        self._children: list[Child] = []

    def stop(self) -> None:
        """End `run` soon: what was started is stopped in the opposite order."""
        self._stop.set()

    async def run(self) -> None:
        """Start everything, stay until `stop`. Raises LocalError when a part cannot be started; nothing is left then."""
        require_root()
        self.state.prepare()
        with self.state.lock():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
            began = asyncio.create_task(self._start())
            stopping = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({began, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if began.done():
                    await began
                    await self._stay()
            finally:
                began.cancel()
                stopping.cancel()
                await asyncio.gather(began, stopping, return_exceptions=True)
                await self._end()

    async def _start(self) -> None:
        state, console = self.state, self._console
        kept = state.remember(port=self._options.port, apps_port=self._options.apps_port)
        numbers = chosen_plan(state, kept, self._options.number)
        console.line(f"WiseHosting · platform {numbers.number} · {state.root}")
        await asyncio.to_thread(end_leftovers, state, console)
        with console.phase("machine checked"):
            verdict = await asyncio.to_thread(self._judge, numbers)
        for finding in (*verdict.notes, *verdict.fatal):
            console.finding(finding)
        if verdict.fatal:
            raise Unfit("This machine is not ready. What fixes it stands above.")
        allow = sorted({*verdict.network_allow, *self._options.network_allow})
        state.make_secrets()
        ensure_certificate(state.certificate, state.certificate_key)
        numbers.run_dir.mkdir(parents=True, exist_ok=True, mode=0o711)

        database = await self._start_postgres(numbers)
        environment = parts.control_plane_environment(state, numbers, database.dsn, allow)
        write_private(state.settings, json.dumps(environment, indent=1).encode())
        with console.phase("database migrated"):
            await run_once(parts.control_plane(environment, "migrate"), state)
        await self._start_servers(numbers)
        with console.phase("control plane"):
            control_plane = await self._child(parts.control_plane(environment, "serve"))
            await self._until(control_plane, lambda: Api(numbers.dashboard).ready(), "answer")
            token = (await run_once(parts.control_plane(environment, "local-token"), state)).strip()
        sign_in = write_access(state, numbers, token)
        api = Api(numbers.dashboard, token)
        await self._start_worker(numbers, verdict, allow, environment, api)
        self._say_ready(numbers, sign_in)
        if self._on_ready is not None:
            self._on_ready()
        self._watch(api)

    def _judge(self, numbers: Plan) -> Verdict:
        ensure_user(parts.GIT_USER)
        world = probe(self.state.root, list(numbers.listeners), parts.GIT_USER)
        return judge(world, numbers, limits=self._options.limits)

    async def _start_postgres(self, numbers: Plan) -> Postgres:
        with self._console.phase("PostgreSQL"):
            database = Postgres(self.state.postgres, numbers.run_dir / "pg")
            await asyncio.to_thread(database.prepare)
            child = await self._child(parts.postgres(database))
            await self._until(child, database.answers, "answer")
            await database.ensure_database()
        return database

    async def _start_servers(self, numbers: Plan) -> None:
        from wisehosting_cp.local.example import create_git_server, ensure_repository
        from wisehosting_cp.local.provider import create_provider

        state = self.state
        with self._console.phase("sign-in and example repository"):
            owner = ensure_user(parts.GIT_USER)
            await asyncio.to_thread(ensure_repository, state.example, owner)
            provider = await asyncio.to_thread(
                create_provider,
                state.provider,
                numbers.issuer,
                parts.CLIENT_ID,
                state.client_secret.read_text().strip(),
                [f"{numbers.dashboard}/auth/callback"],
                f"{numbers.dashboard}/auth/login",
            )
            for title, app, port in (
                ("The sign-in provider", provider, numbers.provider_port),
                ("The example repository", create_git_server(state.example, owner), numbers.example_port),
            ):
                server = LoopbackServer(title, app, port)
                self._stack.push_async_callback(server.end)
                await server.start()

    async def _start_worker(
        self, numbers: Plan, verdict: Verdict, allow: list[str], environment: dict[str, str], api: Api
    ) -> None:
        state = self.state
        settings = parts.agent_settings(
            state,
            numbers,
            runtime=verdict.runtime,
            limits=self._options.limits,
            network_allow=allow,
            ca_bundle=verdict.ca_bundle,
        )
        with self._console.phase("Podman"):
            host = PodmanHost(settings, runtime=verdict.runtime)
            await asyncio.to_thread(host.prepare)
            settings.podman_socket.unlink(missing_ok=True)
            child = await self._child(parts.podman(host))
            await self._until(child, lambda: _connects(settings.podman_socket), "answer")
        config = parts.write_agent_config(settings, state.root / "agent.toml")
        # Containers and HAProxy are not the agent's children: they are stopped while Podman still answers.
        self._stack.push_async_callback(self._stop_containers, config)
        # It takes work once a first base image is made and the isolation is probed, which may take minutes: shown after.
        with self._console.phase("worker connected"):
            await self._join(environment)
            child = await self._child(parts.agent(config))
            await self._until(child, lambda: _worker_connected(api), "connect to the control plane")

    async def _join(self, environment: dict[str, str]) -> None:
        """Mint a join token for the first start; the agent deletes it once it has registered."""
        state = self.state
        minted, token = state.secrets / "join-minted", state.secrets / "join-token"
        if minted.exists() and not token.exists():
            return
        write_private(state.secrets / "agent-api_server.secret", state.api_server_secret.read_bytes())
        ticket = await run_once(parts.control_plane(environment, "worker-token", parts.WORKER), state)
        write_private(token, ticket.encode())
        write_private(minted, b"")

    async def _stop_containers(self, config: Path) -> None:
        try:
            await run_once(parts.agent(config, verb="stop-all"), self.state, within=90)
        except LocalError as error:
            self._console.warn(f"{error} Some containers may still run.")

    async def _child(self, part: Part) -> Child:
        child = Child(part, self.state, self._console.warn)
        self._stack.push_async_callback(child.end)
        await child.start()
        self._children.append(child)
        return child

    async def _until(self, child: Child, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for a part to be ready. Raises PartFailed with the end of its log when it dies or takes too long."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not await condition():
            failed = child.failed()
            if failed is not None:
                raise failed
            if asyncio.get_running_loop().time() > deadline:
                raise child.late(what, READY_SECONDS)
            await asyncio.sleep(0.1)
        child.ready = True

    def _say_ready(self, numbers: Plan, sign_in: str) -> None:
        say = self._console.line
        say()
        say(f"  Dashboard     {numbers.dashboard}")
        say(f"  Sign in once  {sign_in}")
        say(f"  Apps          http://NAME.{numbers.apps_domain}")
        say(f"  From another computer, first:  {tunnel(numbers)}")
        say(f"  Logs          {self.state.logs}")
        say(f"  Stop          Ctrl-C, or ./dev down{self.state.option}   (state stays)")
        say()

    def _watch(self, api: Api) -> None:
        from wisehosting_cp.local.progress import follow_bases

        tasks = [
            asyncio.create_task(follow_bases(api, self._console), name="bases"),
            asyncio.create_task(self._rotate(), name="rotate logs"),
        ]

        async def end() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._stack.push_async_callback(end)

    async def _rotate(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_SECONDS)
            await asyncio.to_thread(logs.rotate, self.state.logs)

    async def _stay(self) -> None:
        await self._stop.wait()

    async def _end(self) -> None:
        with self._console.phase("stopped"):
            await self._stack.aclose()


def require_root() -> None:
    """Raises Unfit with the command that helps."""
    if os.geteuid() != 0:
        raise Unfit(
            "./dev up needs root: rootless Podman cannot keep tenants apart, because its network bypasses the firewall. "
            "Run: sudo ./dev up"
        )


def chosen_plan(state: State, kept: dict[str, object], number: int | None) -> Plan:
    """The plan of this folder. Raises Unfit for ports that cannot be."""
    try:
        port, apps_port = kept.get("port"), kept.get("apps_port")
        return plan(
            state.number(number),
            port=port if isinstance(port, int) else None,
            apps_port=apps_port if isinstance(apps_port, int) else None,
        )
    except ValueError as error:
        raise Unfit(f"{error}.") from error


def end_leftovers(state: State, console: Console) -> None:
    """End what an `up` that was killed left running on this folder, database last. Nothing left is success."""
    found = processes.leftovers(state.processes, state.root)
    for name in END_ORDER:
        pid = found.get(name)
        if pid is not None:
            console.line(f"  · ended {name} (process {pid}), left by a start that was killed")
            first = STOP_SIGNAL if name == "postgres" else signal.SIGTERM
            processes.end(pid, first=first, patience=30)
        processes.forget(state.processes, name)


async def _connects(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def _worker_connected(api: Api) -> bool:
    found = await api.get("/api/v1/workers")
    return found is not None and any(worker["connected"] for worker in found["items"])
