"""`wh-agent`: run, status, doctor, stop-all."""

import asyncio
import enum
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from wisehosting_agent import config, doctor, logging, status
from wisehosting_agent.errors import AgentError
from wisehosting_agent.settings import Settings

T = TypeVar("T")


class LogFormat(enum.StrEnum):
    """How log lines look."""

    json = "json"
    console = "console"


cli = typer.Typer(no_args_is_help=True, add_completion=False, help="WiseHosting's worker agent.")
ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML file with the agent's settings.")]
FormatOption = Annotated[LogFormat, typer.Option("--log-format", help="How log lines look.")]


@cli.command()
def run(config_file: ConfigOption = None, log_format: FormatOption = LogFormat.json) -> None:
    """Be a worker until SIGTERM; containers and HAProxy go on."""
    logging.configure(log_format.value)
    settings = _or_exit(lambda: config.load(config_file))
    _or_exit(lambda: asyncio.run(_run(settings)))


@cli.command("status")
def status_(config_file: ConfigOption = None, json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say what this worker has and is, from its store."""
    found = _or_exit(lambda: status.read(config.load(config_file).state_dir))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        typer.echo("\n".join(status.lines(found)))


@cli.command("doctor")
def doctor_(config_file: ConfigOption = None) -> None:
    """Check that this host can be a worker; exits 1 when something is missing."""
    settings = _or_exit(lambda: config.load(config_file))
    findings = asyncio.run(doctor.examine(settings))
    for finding in findings:
        typer.echo(str(finding))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@cli.command("stop-all")
def stop_all_(config_file: ConfigOption = None, log_format: FormatOption = LogFormat.json) -> None:
    """Stop HAProxy and all containers of this platform and take its network policy away; state stays."""
    from wisehosting_agent.app import compose
    from wisehosting_agent.stop_all import stop_all

    logging.configure(log_format.value)
    settings = _or_exit(lambda: config.load(config_file))

    async def work() -> list[str]:
        return await stop_all(settings, compose(settings))

    troubles = _or_exit(lambda: asyncio.run(work()))
    for trouble in troubles:
        typer.echo(trouble, err=True)
    if troubles:
        raise typer.Exit(1)


async def _run(settings: Settings) -> None:
    from wisehosting_agent.app import Agent, compose

    agent = Agent(settings, compose(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    await agent.run()


def _or_exit(work: Callable[[], T]) -> T:
    try:
        return work()
    except AgentError as error:
        typer.echo(f"wh-agent: {error}", err=True)
        raise typer.Exit(1) from error


def main() -> None:
    """Entry point."""
    sys.exit(cli())
