"""The dashboard's files, and what is not one."""

import secrets
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES

from wisehosting_cp.app import create_public_app
from wisehosting_cp.kit.context import Context

pytestmark = pytest.mark.anyio

HTML = {"accept": "text/html"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>WiseHosting</title>")
    (folder / "assets" / "app-4f1b.js").write_text("export {}")
    (tmp_path / "secret").write_text("canary")
    return folder


async def test_the_dashboard_is_served_for_every_page_and_nothing_under_api(built: Path, context: Context) -> None:
    app = create_public_app(context, web=built)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url) as client:
        for page in ("/", "/projects/1/deployments/2", "/settings"):
            answer = await client.get(page, headers=HTML)
            assert (answer.status_code, "WiseHosting" in answer.text) == (200, True), page
            assert answer.headers["cache-control"] == "no-cache"
        asset = await client.get("/assets/app-4f1b.js")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        for missing in ("/assets/app-0000.js", "/api/v1/nothing", "/api/nothing"):
            answer = await client.get(missing, headers={} if "assets" in missing else HTML)
            assert answer.status_code == 404, missing
        assert (await client.get("/api/v1/projects", headers=HTML)).status_code == 401
        assert "canary" not in (await client.get("/..%2fsecret", headers=HTML)).text
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_what_is_large_comes_compressed_and_a_stream_as_it_is(built: Path, context: Context, people: Any) -> None:
    (built / "assets" / "large-4f1b.js").write_text("export const words = [" + "'again', " * 5000 + "]")
    app = create_public_app(context, web=built)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url) as client:
        script = await client.get("/assets/large-4f1b.js")
        assert script.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in script.headers["vary"].lower()
        assert script.text.startswith("export const words")
        plain = await client.get("/assets/large-4f1b.js", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.text == script.text
        token = {"authorization": f"Bearer {(await people()).token}"}
        described = await client.get("/api/openapi.json", headers=token)
        assert described.headers["content-encoding"] == "gzip"
    assert "text/event-stream" in DEFAULT_EXCLUDED_CONTENT_TYPES, "compressed, an event would wait for the next ones"


async def test_what_the_build_compressed_is_sent_as_it_is_to_browsers_that_take_it(
    built: Path, context: Context
) -> None:
    compressed = secrets.token_bytes(5000)  # nobody on this way looks into it
    for name in ("app-4f1b.js", "app-4f1b.css"):
        (built / "assets" / f"{name}.br").write_bytes(compressed)
    (built / "assets" / "app-4f1b.css").write_text("a {}")
    (built / "assets" / "face.woff2.br").write_bytes(compressed)
    transport = httpx2.ASGITransport(app=create_public_app(context, web=built))
    async with httpx2.AsyncClient(transport=transport, base_url=context.settings.public_url) as client:
        for name, kind in (("app-4f1b.js", "text/javascript"), ("app-4f1b.css", "text/css")):
            async with client.stream("GET", f"/assets/{name}", headers={"accept-encoding": "gzip, br;q=0.9"}) as answer:
                assert b"".join([part async for part in answer.aiter_raw()]) == compressed
            assert answer.headers["content-encoding"] == "br"
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert "accept-encoding" in answer.headers["vary"].lower()
        for accepted in ("gzip", "br;q=0", "identity"):
            plain = await client.get("/assets/app-4f1b.js", headers={"accept-encoding": accepted})
            assert (plain.text, plain.headers.get("content-encoding")) == ("export {}", None)
        for missing in ("/assets/face.woff2", "/assets/other.js", "/assets/..%2f..%2fsecret", "/assets/.js"):
            assert (await client.get(missing, headers={"accept-encoding": "br"})).status_code == 404, missing
