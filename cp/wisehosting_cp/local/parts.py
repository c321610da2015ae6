"""What `./dev up` runs and with which settings: the same programs as in production, with addresses on loopback."""

import json
from pathlib import Path

from wisehosting_agent.runtime.host import PodmanHost
from wisehosting_agent.settings import Settings as AgentSettings
from wisehosting_cp.local.child import Part, command
from wisehosting_cp.local.numbers import Plan
from wisehosting_cp.local.postgres import STOP_SIGNAL, Postgres
from wisehosting_cp.local.state import State, write_private

GIT_USER = "wisehosting-git"
WORKER = "local"
CLIENT_ID = "wisehosting-local"
POLL_SECONDS = 5
DISK_BUDGET = 10 * 1024**3
"""What images and containers may take of a machine that is also used for other things."""
IDLE_MEMORY = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
"""glibc's arenas per thread would cost tens of megabytes on an idle machine."""


def postgres(database: Postgres) -> Part:
    """PostgreSQL."""
    return Part(
        name="postgres",
        title="PostgreSQL",
        argv=tuple(database.argv()),
        environment=database.environment(),
        bare=True,
        account=database.account,
        stop=STOP_SIGNAL,
        patience=30,
    )


def control_plane_environment(state: State, plan: Plan, dsn: str, network_allow: list[str]) -> dict[str, str]:
    """Settings of the control plane."""
    settings = {
        "environment": "local",
        "database_dsn": dsn,
        "master_key_file": state.master_key,
        "api_server_secret_file": state.api_server_secret,
        "public_url": plan.dashboard,
        "public_port": plan.port,
        "mesh_port": plan.mesh_port,
        "mesh_certificate_file": state.certificate,
        "mesh_key_file": state.certificate_key,
        "apps_domain": plan.apps_domain,
        "apps_address": plan.apps_address,
        "oidc_issuer": plan.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret_file": state.client_secret,
        "sign_up": "open",
        # One person at one machine, and tests that stand for many.
        "sign_ins_per_5_minutes": 1000,
        "requests_per_minute": 60_000,
        "cookie_name": plan.cookie_name,
        "example_repository": plan.example,
        "poll_seconds": POLL_SECONDS,
        "git_user": GIT_USER,
        "network_allow": json.dumps(network_allow),
        "state_dir": state.control_plane,
    }
    return IDLE_MEMORY | {f"WISEHOSTING_{name.upper()}": str(value) for name, value in settings.items()}


def control_plane(environment: dict[str, str], *arguments: str) -> Part:
    """`wh-cp serve`, or another of its commands."""
    titles = {"serve": "The control plane", "migrate": "The migration of the database"}
    verb = arguments[0]
    return Part(
        name="cp",
        title=titles.get(verb, f"wh-cp {verb}"),
        argv=(command("wh-cp"), *arguments),
        environment=environment,
    )


def agent_settings(
    state: State,
    plan: Plan,
    *,
    runtime: str | None,
    limits: str,
    network_allow: list[str],
    ca_bundle: Path | None,
) -> AgentSettings:
    """Settings of the one agent."""
    settings: dict[str, object] = {
        "name": WORKER,
        "state_dir": state.agent,
        "control_plane": plan.mesh,
        "join_token_file": state.secrets / "join-token",
        "api_server_secret_file": state.secrets / "agent-api_server.secret",
        "local": True,
        "limits": limits,
        "number": plan.number,
        "podman_socket": plan.run_dir / "podman" / "podman.sock",
        "storage_dir": state.containers,
        "runtime": runtime,
        "port_range": list(plan.instance_ports),
        "subnet_pool": str(plan.subnet_pool),
        "id_base": plan.id_base,
        "network_allow": network_allow,
        "build_ca_bundle": ca_bundle,
        "git_user": GIT_USER,
        "disk_budget_bytes": DISK_BUDGET,
        "apps_port": plan.apps_port,
    }
    return AgentSettings.model_validate(settings)


def write_agent_config(settings: AgentSettings, path: Path) -> Path:
    """Write the agent's TOML; values that are None are left out."""
    values = settings.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    write_private(path, ("# Written by ./dev up at each start.\n" + "\n".join(lines) + "\n").encode())
    return path


def _toml(value: object) -> str:
    """A TOML value; JSON's strings, numbers, booleans and lists are TOML's too."""
    return json.dumps(value, ensure_ascii=False)


def podman(host: PodmanHost) -> Part:
    """Podman's REST service; its containers outlive it."""
    return Part(
        name="podman",
        title="The Podman service",
        argv=tuple(host.service_argv()),
        environment=host.service_env(),
        bare=True,
        folder=host.root,  # a container's monitor writes a file `oom` where the service was started
        may_end=True,
    )


def agent(config: Path, *, verb: str = "run") -> Part:
    """`wh-agent run`, or `wh-agent stop-all`."""
    return Part(
        name="agent",
        title="The agent" if verb == "run" else "Stopping the containers",
        argv=(command("wh-agent"), verb, "--config", str(config)),
        environment=IDLE_MEMORY,
        patience=40,
    )
