"""The API's description that the dashboard is built from is the one the server gives."""

import json
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.anyio

KEPT = Path(__file__).parents[3] / "web" / "openapi.json"


async def test_the_kept_description_of_the_api_is_the_served_one(anyone: httpx2.AsyncClient, tmp_path: Path) -> None:
    served = json.dumps((await anyone.get("/api/openapi.json")).json(), indent=2) + "\n"
    fresh = tmp_path / "openapi.json"
    fresh.write_text(served)
    assert KEPT.read_text() == served, f"Run: cp {fresh} web/openapi.json && npm --prefix web run schema"
