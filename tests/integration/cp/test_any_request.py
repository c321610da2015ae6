"""No request that the API's own description allows, or almost allows, ends in a failure of ours."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
ST = Path(sys.prefix) / "bin" / "st"
# Streams have no end, plans and checks go out to a repository, and the rest would end the walk.
LEFT_OUT = r"(/log|/events|/plans?|/check|/session/end|/account/tokens/\{token_id\})$"


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[int]:
    """The app on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def _ask_anything(folder: Path, port: int, people: People, *, examples: int, public: str) -> str:
    ada = await people("ada", operator=True)
    team = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    body = {"name": "shop", "source": {"url": "https://example.org/shop.git"}}
    project = (await ada.browser.post("/api/v1/projects", json=body)).json()
    environment = project["environments"][0]
    ids = {
        "team_id": team["id"],
        "project_id": project["id"],
        "environment_id": environment["id"],
        "deployment_id": environment["latest"]["id"],
        "user_id": str(ada.user_id),
    }
    lines = "\n".join(f'"path.{name}" = "{value}"' for name, value in ids.items())
    (folder / "schemathesis.toml").write_text(f"[parameters]\n{lines}\n")
    (folder / "openapi.json").write_text(json.dumps((await ada.browser.get("/api/openapi.json")).json()))
    process = await asyncio.create_subprocess_exec(
        ST,
        "--config-file=schemathesis.toml",
        "run",
        "openapi.json",
        f"--url=http://127.0.0.1:{port}",
        f"--header=Host:{public.partition('//')[2]}",
        f"--header=Authorization:Bearer {ada.token}",
        f"--exclude-path-regex={LEFT_OUT}",
        "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases=coverage,fuzzing",
        f"--max-examples={examples}",
        "--seed=1",
        "--warnings=off",
        "--suppress-health-check=all",
        "--no-color",
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6000:]
    return said.decode()


async def test_no_request_ends_in_a_failure_of_ours(
    app: FastAPI, served: int, people: People, context: Any, tmp_path: Path
) -> None:
    said = await _ask_anything(tmp_path, served, people, examples=5, public=context.settings.public_url)
    print(said[-1200:])  # noqa: T201 - what was tried is part of the result


@pytest.mark.long
async def test_no_request_of_many_more_does_either(
    app: FastAPI, served: int, people: People, context: Any, tmp_path: Path
) -> None:
    said = await _ask_anything(tmp_path, served, people, examples=200, public=context.settings.public_url)
    print(said[-1200:])  # noqa: T201 - what was tried is part of the result
