"""Webhooks: the signature decides, and what comes in is a hint."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from gitserver import GitServer
from sqlalchemy import func, select

from wisehosting_cp.errors import Unavailable
from wisehosting_cp.kit.context import Context
from wisehosting_cp.sources import api, looking
from wisehosting_cp.sources.hooks import hints_of, signed
from wisehosting_cp.sources.models import WebhookDelivery

pytestmark = pytest.mark.anyio

Follow = Callable[..., Awaitable[Any]]
BODY = json.dumps({"ref": "refs/heads/main", "after": "0" * 40}).encode()


def _signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
async def hooked(follow: Follow, git: GitServer, anyone: httpx2.AsyncClient, context: Context) -> Any:
    """A project whose first commit is live, and a provider that knows its secret."""
    app = await follow()
    await app.check()
    await app.built(git.head("app"))
    given = (await app.person.browser.post(f"{app.path}/hook-secret")).json()
    assert given["url"] == app.hook

    class Hooked:
        followed = app
        secret = given["secret"]

        async def send(self, body: bytes = BODY, delivery: str | None = None, **headers: str) -> httpx2.Response:
            sent = {"x-hub-signature-256": _signature(self.secret, body)} | headers
            if delivery is not None:
                sent["x-github-delivery"] = delivery
            return await anyone.post(app.hook, content=body, headers=sent)

    yield Hooked()
    await hints_of(context).close()


async def test_a_signed_hook_deploys_what_the_branch_holds_and_not_what_the_body_says(
    hooked: Any, git: GitServer
) -> None:
    commit = git.push("app", {"a": "1"})
    answer = await hooked.send()
    assert answer.status_code == 202
    shown = (await hooked.followed.deployments())[-1]
    assert shown == (2, "hook", commit)
    assert answer.json()["deployment"] is not None


async def test_a_hook_without_news_starts_nothing(hooked: Any) -> None:
    assert (await hooked.send()).json() == {"deployment": None}
    assert len(await hooked.followed.deployments()) == 1


async def test_an_unknown_hook_and_a_wrong_signature_get_the_same_answer(
    hooked: Any, anyone: httpx2.AsyncClient
) -> None:
    wrong = await hooked.send(**{"x-hub-signature-256": _signature("wrong", BODY)})
    unknown = await anyone.post(
        "/hooks/nobody-knows-this", content=BODY, headers={"x-hub-signature-256": _signature(hooked.secret, BODY)}
    )
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert [{**answer.json(), "request_id": ""} for answer in (wrong, unknown)] == [
        {**wrong.json(), "request_id": ""}
    ] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha1=" + "0" * 40},
        {"x-hub-signature": "replaces"},
        {"x-gitlab-token": "replaces"},
        {"x-gitea-signature": "replaces"},
    ],
)
async def test_another_or_empty_signature_header_is_refused(
    hooked: Any, anyone: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    signature = _signature(hooked.secret, BODY)
    sent = {name: signature if value == "replaces" else value for name, value in headers.items()}
    assert (await anyone.post(hooked.followed.hook, content=BODY, headers=sent)).status_code == 404


async def test_two_signatures_are_refused_though_one_is_right(hooked: Any, anyone: httpx2.AsyncClient) -> None:
    headers = [("x-hub-signature-256", _signature(hooked.secret, BODY)), ("x-hub-signature-256", "sha256=" + "0" * 64)]
    for both in (headers, headers[::-1]):
        assert (await anyone.post(hooked.followed.hook, content=BODY, headers=both)).status_code == 404


async def test_the_same_body_written_otherwise_is_refused(hooked: Any) -> None:
    same = json.dumps(json.loads(BODY), indent=1).encode()
    refused = await hooked.send(same, **{"x-hub-signature-256": _signature(hooked.secret, BODY)})
    assert refused.status_code == 404


async def test_a_new_secret_ends_the_old_one_and_keeps_the_address(hooked: Any) -> None:
    new = (await hooked.followed.person.browser.post(f"{hooked.followed.path}/hook-secret")).json()
    assert new["url"] == hooked.followed.hook
    assert (await hooked.send()).status_code == 404
    hooked.secret = new["secret"]
    assert (await hooked.send()).status_code == 202


async def test_a_delivery_counts_once_however_often_it_comes(hooked: Any, git: GitServer, context: Context) -> None:
    git.push("app", {"a": "1"})
    git.requests.clear()
    answers = await asyncio.gather(*(hooked.send(delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["deployment"] for answer in answers} - {None}) == 1
    assert len(await hooked.followed.deployments()) == 2
    async with context.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(WebhookDelivery))).scalar_one() == 1


async def test_the_same_bytes_without_an_id_count_again_later(hooked: Any, git: GitServer, clock: Any) -> None:
    await hooked.send()
    commit = git.push("app", {"a": "1"})
    await hooked.send()
    assert len(await hooked.followed.deployments()) == 1, "within the window it is the same delivery"
    clock.forward(31)
    await hooked.send()
    assert (await hooked.followed.deployments())[-1][2] == commit


async def test_a_delivery_whose_look_failed_counts_when_it_comes_again(
    hooked: Any, git: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git.push("app", {"a": "1"})
    with monkeypatch.context() as broken:
        broken.setattr(looking.git, "resolve", _unreachable)
        assert (await hooked.send(delivery="d-1")).json() == {"deployment": None}
    assert len(await hooked.followed.deployments()) == 1
    assert (await hooked.send(delivery="d-1")).json()["deployment"] is not None
    assert (await hooked.followed.deployments())[-1][2] == commit
    assert (await hooked.send(delivery="d-1")).json() == {"deployment": None}, "now it was acted upon"


async def test_a_delivery_whose_look_was_cancelled_counts_when_it_comes_again(
    hooked: Any, git: GitServer, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git.push("app", {"a": "1"})
    begun = asyncio.Event()

    async def endless(*_: Any) -> str:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(api, "HOOK_WAIT_SECONDS", 0.05)
    with monkeypatch.context() as stuck:
        stuck.setattr(looking.git, "resolve", endless)
        assert (await hooked.send(delivery="d-1")).status_code == 202
        await asyncio.wait_for(begun.wait(), 5)
        await hints_of(context).close()
    monkeypatch.setattr(api, "HOOK_WAIT_SECONDS", 10)
    assert (await hooked.send(delivery="d-1")).json()["deployment"] is not None
    assert (await hooked.followed.deployments())[-1][2] == commit


async def _unreachable(*_: Any) -> str:
    raise Unavailable("git_unavailable", "Nobody answers there.")


async def test_many_hooks_at_once_look_at_most_twice(hooked: Any, git: GitServer) -> None:
    git.requests.clear()
    await asyncio.gather(*(hooked.send(delivery=f"d-{number}") for number in range(20)))
    looks = [line for line in git.requests if "info/refs" in line]
    assert 1 <= len(looks) <= 4, looks


async def test_a_body_over_one_mebibyte_is_refused_before_it_is_verified(hooked: Any) -> None:
    assert (await hooked.send(b"x" * (1024 * 1024 + 1))).status_code == 413
    assert (await hooked.send(b"x" * 1024 * 1024)).status_code == 202


async def test_the_secret_is_kept_sealed(hooked: Any, context: Context) -> None:
    async with context.db.hot() as connection:
        dumped = str(await connection.fetch("SELECT * FROM webhooks"))
    assert hooked.secret not in dumped


def test_the_published_example_of_the_signature_is_accepted() -> None:
    # docs.github.com, "Validating webhook deliveries", testing the payload validation.
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed(b"It's a Secret to Everybody", b"Hello, World!", [signature])
    assert not signed(b"It's a Secret to Everybody", b"Hello, World?", [signature])
    assert not signed(b"", b"Hello, World!", [signature])


def test_no_single_flipped_bit_is_accepted() -> None:
    secret, body = b"secret", b"some body"
    right = _signature("secret", body)
    assert signed(secret, body, [right])
    for index in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[index // 8] ^= 1 << index % 8
        assert not signed(secret, bytes(flipped), [right])
    raw = bytes.fromhex(right[7:])
    for index in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[index // 8] ^= 1 << index % 8
        assert not signed(secret, body, [f"sha256={changed.hex()}"])
    for other in (right.upper(), right[:-1], right + "0", f" {right}", right + "\n", right[7:]):
        assert not signed(secret, body, [other])
