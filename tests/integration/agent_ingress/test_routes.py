"""Tables in force on a real HAProxy: hosts, headers, pages, switches."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from wisehosting_agent.errors import IngressError

pytestmark = pytest.mark.anyio


async def test_a_host_answers_with_its_app_and_the_deployment_number(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    table = [
        rig.app("a", "d1", rig.deployment("d1", 7, one), hosts=["a.localhost", "www.example.org"]),
        rig.app("b", "d2", rig.deployment("d2", 3, two)),
    ]
    applied = await ingress.apply(table)
    assert applied.refused == {}
    for host, number, body in (
        ("a.localhost", "7", "one"),
        ("A.LocalHost:8080", "7", "one"),
        ("a.localhost.", "7", "one"),
        ("www.example.org", "7", "one"),
        ("b.localhost", "3", "two"),
    ):
        answer = await rig.get(host)
        assert (answer.status, answer.deployment, answer.body) == (200, number, body)


async def test_a_second_apply_issues_no_command_and_touches_no_file(rig: Any) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    table = [rig.app("a", "d1", rig.deployment("d1", 1, one))]
    first = await ingress.apply(table)
    issued = ingress.runtime.issued
    times = {path: path.stat().st_mtime_ns for path in rig.folder.rglob("*") if path.is_file()}
    again = await ingress.apply(list(table))
    await ingress.repair()
    assert issued > 0
    assert ingress.runtime.issued == issued
    assert again == first
    assert {path: path.stat().st_mtime_ns for path in times} == times


async def test_a_switch_under_keep_alive_load_loses_no_request(rig: Any) -> None:
    ingress = await rig.ingress()
    instances = [await rig.instance(f"i{number}") for number in range(6)]
    deployments = [rig.deployment(f"d{number}", number + 1, instances[number]) for number in range(6)]
    await ingress.apply([rig.app("a", "d0", deployments[0])])
    counts = {"ok": 0, "failed": 0}
    wrong: list[str] = []
    done = asyncio.Event()

    async def load(method: str) -> None:
        client = rig.client()
        while not done.is_set():
            try:
                answer = await client.get("a.localhost", method=method, body=b"x" * 500 if method == "POST" else b"")
            except (OSError, EOFError, TimeoutError):
                counts["failed"] += 1
                client.close()
                continue
            counts["ok" if answer.status == 200 else "failed"] += 1
            if answer.status == 200 and answer.deployment != str(int(answer.body[1:]) + 1):
                wrong.append(f"{answer.deployment} for {answer.body}")

    tasks = [asyncio.create_task(load(method)) for method in ("GET", "GET", "POST", "GET")]
    switches = 0
    for number in range(1, 6):
        before = counts["ok"]
        old, new = deployments[number - 1], deployments[number]
        await ingress.apply([rig.app("a", f"d{number - 1}", old, new)])
        draining = rig.deployment(old.deployment, old.number, instances[number - 1], draining=True)
        await ingress.apply([rig.app("a", f"d{number}", draining, new)])
        assert (await ingress.probe("a.localhost", "/", f"d{number}")).seen == number + 1
        await rig.until_drained(ingress, old.deployment)
        await instances[number - 1].kill()
        await ingress.apply([rig.app("a", f"d{number}", new)])
        switches += 1
        await rig.until(lambda before=before: counts["ok"] > before + 100, "requests between switches")
    done.set()
    await asyncio.gather(*tasks)
    sys.stdout.write(f"{switches} switches: {counts['failed']} failed of {counts['ok'] + counts['failed']}\n")
    assert (switches, counts["failed"], wrong) == (5, 0, [])
    assert counts["ok"] > 500


async def test_an_unknown_host_gets_a_page_with_404(rig: Any) -> None:
    await rig.ingress()
    answer = await rig.get("nobody.localhost")
    assert answer.status == 404
    assert "There is no app at this address" in answer.body
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.deployment is None


async def test_an_app_without_a_release_gets_a_page_with_503(rig: Any) -> None:
    ingress = await rig.ingress()
    await ingress.apply([rig.app("a", None)])
    answer = await rig.get("a.localhost")
    assert answer.status == 503
    assert "Nothing is deployed here yet" in answer.body


async def test_an_app_whose_instances_are_dead_gets_a_page_with_503_and_no_deployment_number(rig: Any) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    await one.kill()
    answer = await rig.get("a.localhost")
    for _ in range(50):
        answer = await rig.get("a.localhost")
        if "None of its instances is healthy" in answer.body:
            break
        await asyncio.sleep(0.1)
    assert answer.status == 503
    assert answer.deployment is None
    probe = await ingress.probe("a.localhost", "/", "d1")
    assert (probe.seen, probe.status) == (None, 503)


@pytest.mark.parametrize(
    "hosts",
    [
        "Host: a.localhost/../b\r\n",
        "Host: a.localhost\r\nHost: b.localhost\r\n",
        "Host: \r\n",
        "",
        "Host: a_b.localhost\r\n",
        "Host: a.localhost;set\r\n",
        "Host: a.localhost b\r\n",
        "Host: x@a.localhost\r\n",
        "Host: " + "a" * 300 + "\r\n",
        "Host: ä.localhost\r\n",
        "Host: %61.localhost\r\n",
    ],
)
async def test_a_hostile_host_header_is_refused_with_400(rig: Any, hosts: str) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    client = rig.client()
    await client.send(f"GET / HTTP/1.1\r\n{hosts}\r\n".encode())
    answer = await client.answer()
    assert answer.status == 400
    assert one.requests == []
    assert (await rig.get("a.localhost")).status == 200


async def test_an_app_cannot_fake_the_deployment_number(rig: Any) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 5, one))])
    answer = await rig.get("a.localhost", "/fake")
    assert answer.deployment == "5"
    assert "x-wisehosting-anything" not in answer.headers


async def test_forwarded_headers_are_ours_and_the_probe_header_never_reaches_the_app(rig: Any) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    spoofed = (
        "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n"
        "X-Real-IP: 6.6.6.6\r\nCF-Connecting-IP: 6.6.6.6\r\nX-WiseHosting-Probe: guess\r\n"
    )
    answer = await rig.get("a.localhost:8080", "/headers", extra=spoofed)
    assert "6.6.6.6" not in answer.body
    assert "guess" not in answer.body
    assert '["x-forwarded-for", "127.0.0.1"]' in answer.body
    assert '["x-forwarded-proto", "http"]' in answer.body
    assert '["x-forwarded-host", "a.localhost:8080"]' in answer.body
    await ingress.probe("a.localhost", "/headers", "d1")
    secret = rig.folder / "probe.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text().strip()) >= 32


async def test_a_post_whose_instance_drops_it_is_not_replayed_and_a_get_is(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one, two))])
    answer = await rig.get("a.localhost", "/drop", method="POST", body=b"x" * 500)
    assert answer.status == 502
    assert "ended the connection without an answer" in answer.body
    assert [*one.requests, *two.requests] == ["POST /drop"]
    await rig.get("a.localhost", "/drop")
    assert [*one.requests, *two.requests].count("GET /drop") > 1


async def test_a_websocket_carries_the_deployment_number_and_echoes(
    rig: Any, open_websocket: Callable[[str], bytes]
) -> None:
    ingress = await rig.ingress()
    one = await rig.instance("one")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 4, one))])
    client = rig.client()
    await client.send(open_websocket("a.localhost"))
    answer = await client.answer()
    assert (answer.status, answer.deployment) == (101, "4")
    await client.send(b"ping")
    assert await client.reader.readexactly(4) == b"ping"


async def test_removed_apps_and_hosts_are_gone_and_their_backend_is_given_free(rig: Any) -> None:
    ingress = await rig.ingress(pool_backends=1, pool_slots=1)
    one, two = await rig.instance("one"), await rig.instance("two")
    for _ in range(3):
        assert (await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])).refused == {}
        assert (await rig.get("a.localhost")).body == "one"
        await ingress.apply([])
        assert (await rig.get("a.localhost")).status == 404
        assert (await ingress.apply([rig.app("b", "d2", rig.deployment("d2", 2, two))])).refused == {}
        assert (await rig.get("b.localhost")).body == "two"
        await ingress.apply([])


async def test_an_empty_pool_refuses_one_app_and_leaves_the_others_in_force(rig: Any) -> None:
    ingress = await rig.ingress(pool_backends=2)
    one = await rig.instance("one")
    old = [rig.app(name, f"d-{name}", rig.deployment(f"d-{name}", 1, one)) for name in ("a", "b")]
    assert (await ingress.apply(old)).refused == {}
    third = rig.app("c", "d-c", rig.deployment("d-c", 1, one))
    switching = rig.app("b", "d-new", rig.deployment("d-b", 1, one), rig.deployment("d-new", 2, one))
    applied = await ingress.apply([old[0], switching, third])
    assert applied.refused == {"b": "pool_empty", "c": "pool_empty"}
    assert (await rig.get("a.localhost")).deployment == "1"
    assert (await rig.get("b.localhost")).deployment == "1"
    assert "Nothing is deployed here yet" in (await rig.get("c.localhost")).body
    many = rig.app("a", "d-a", rig.deployment("d-a", 1, *[await rig.instance(f"m{number}") for number in range(4)]))
    assert (await ingress.apply([many, old[1]])).refused == {"a": "too_many_instances"}
    assert (await rig.get("a.localhost")).body == "one"


async def test_a_deployment_with_no_running_server_is_not_switched_to(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", old, new)])
    await two.kill()
    refused: dict[str, str] = {}
    for _ in range(50):
        refused = (await ingress.apply([rig.app("a", "d2", old, new)])).refused
        if refused:
            break
        await ingress.apply([rig.app("a", "d1", old, new)])
        await asyncio.sleep(0.1)
    assert refused == {"a": "no_healthy_server"}
    assert (await rig.get("a.localhost")).deployment == "1"


async def test_a_server_that_died_a_moment_ago_is_not_switched_to(rig: Any) -> None:
    """HAProxy itself would find out half a second later, after visitors."""
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", old, new)])
    await two.kill()
    assert (await ingress.apply([rig.app("a", "d2", old, new)])).refused == {"a": "no_healthy_server"}
    assert (await rig.get("a.localhost")).deployment == "1"
    await two.start(two.port)
    assert (await ingress.apply([rig.app("a", "d2", old, new)])).refused == {}
    assert (await rig.get("a.localhost")).deployment == "2"


async def test_a_switch_asks_about_what_it_changes_and_not_about_the_whole_pool(rig: Any) -> None:
    ingress = await rig.ingress(repair_seconds=600)
    one, two, other = await rig.instance("one"), await rig.instance("two"), await rig.instance("other")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    untouched = rig.app("b", "d3", rig.deployment("d3", 1, other))
    await ingress.apply([rig.app("a", "d1", old), untouched])
    questions: list[str] = []
    ask = ingress.runtime.ask

    async def recorded(question: str) -> str:
        questions.append(question)
        return str(await ask(question))

    ingress.runtime.ask = recorded
    assert (await ingress.apply([rig.app("a", "d2", old, new), untouched])).refused == {}
    assert (await rig.get("a.localhost")).body == "two"
    assert any(question.startswith("set map") for question in questions)
    assert not {"show servers state", "show servers conn", "show stat"} & set(questions)
    assert not [question for question in questions if "hosts.map" in question or "p0002" in question]


async def test_an_order_that_finds_something_else_than_expected_is_looked_into_and_then_succeeds(rig: Any) -> None:
    ingress = await rig.ingress(repair_seconds=600)
    one, two = await rig.instance("one"), await rig.instance("two")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", old)])
    await ingress.runtime.ask(f"del map {ingress._files.maps.backends} a")
    table = [rig.app("a", "d2", old, new)]
    with pytest.raises(IngressError, match="set map"):
        await ingress.apply(table)
    assert (await ingress.apply(table)).refused == {}
    assert (await rig.get("a.localhost")).body == "two"
