"""The API's description that the dashboard is built from is the one the server gives."""

import json
from pathlib import Path

import httpx2
import pytest

from wisehosting_cp.accounts.dangers import DANGERS

pytestmark = pytest.mark.anyio

KEPT = Path(__file__).parents[3] / "web" / "openapi.json"


async def test_the_kept_description_of_the_api_is_the_served_one(anyone: httpx2.AsyncClient, tmp_path: Path) -> None:
    served = json.dumps((await anyone.get("/api/openapi.json")).json(), indent=2) + "\n"
    fresh = tmp_path / "openapi.json"
    fresh.write_text(served)
    assert KEPT.read_text() == served, f"Run: cp {fresh} web/openapi.json && npm --prefix web run schema"


async def test_every_route_tells_which_problems_it_may_answer_and_what_takes_a_step_up(
    anyone: httpx2.AsyncClient,
) -> None:
    described = (await anyone.get("/api/openapi.json")).json()
    public = {"get_invitation", "receive_hook"}
    found: dict[str, str] = {}
    told = 0
    for operations in described["paths"].values():
        for operation in operations.values():
            name, answers = operation["operationId"], operation["responses"]
            assert {"400", "429", "500", "503"} <= answers.keys(), name
            assert ("401" in answers) == (name not in public), name
            assert ("422" in answers) <= ("requestBody" in operation or "parameters" in operation), name
            for status, answer in answers.items():
                if int(status) >= 400:
                    response = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                    [(media, content)] = response["content"].items()
                    assert (media, content["schema"]["$ref"]) == (
                        "application/problem+json",
                        "#/components/schemas/Problem",
                    )
                    told += 1
            if "x-step-up" in operation:
                found[name] = operation["x-step-up"]
    assert found == {name: danger.when or "always" for name, danger in DANGERS.items()}
    print(f"{told} problems of the routes are described")  # noqa: T201 - the figure belongs to the test
    assert told >= 400
