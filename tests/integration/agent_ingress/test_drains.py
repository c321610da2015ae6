"""Draining with open streams, on an injected clock."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from wisehosting_agent.ingress.port import Drained

pytestmark = pytest.mark.anyio


async def switched(rig: Any, ingress: Any, one: Any, two: Any) -> None:
    new = rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one), new)])
    await ingress.apply([rig.app("a", "d2", rig.deployment("d1", 1, one, draining=True), new)])


async def opened_stream(rig: Any, one: Any, request: bytes) -> Any:
    client = rig.client()
    await client.send(request)
    await rig.until(lambda: bool(one.requests), "the stream at the instance")
    return client


async def test_a_slow_answer_holds_the_old_deployment_until_it_ends(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    client = await opened_stream(rig, one, b"GET /slow HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
    await switched(rig, ingress, one, two)
    rig.clock.now += 29
    assert await ingress.drained() == []
    one.release.set()
    assert (await client.answer()).body == "helloworld"
    assert (await rig.get("a.localhost")).body == "two"
    drained: list[Drained] = []
    while not drained:
        drained = await ingress.drained()
    assert drained == [Drained(deployment="d1", closed_streams=0)]
    assert await ingress.drained() == drained


async def test_a_websocket_is_left_alone_until_the_deadline_and_then_cut_and_counted(
    rig: Any, open_websocket: Callable[[str], bytes]
) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    clients = []
    for _ in range(2):
        client = await opened_stream(rig, one, open_websocket("a.localhost"))
        assert (await client.answer()).status == 101
        clients.append(client)
    await switched(rig, ingress, one, two)
    rig.clock.now += 29.9
    assert await ingress.drained() == []
    await clients[0].send(b"still here")
    assert await clients[0].reader.readexactly(10) == b"still here"
    rig.clock.now += 0.2
    assert await ingress.drained() == [Drained(deployment="d1", closed_streams=2)]
    assert await clients[0].reader.read() == b""
    assert await ingress.drained() == [Drained(deployment="d1", closed_streams=2)]


async def test_a_failed_switch_goes_back_while_the_old_deployment_still_serves(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    old, new = rig.deployment("d1", 1, one), rig.deployment("d2", 2, two)
    await ingress.apply([rig.app("a", "d1", old, new)])
    await ingress.apply([rig.app("a", "d2", old, new)])
    assert (await rig.get("a.localhost")).deployment == "2"
    before = ingress.runtime.issued
    await ingress.apply([rig.app("a", "d1", old, rig.deployment("d2", 2, two, draining=True))])
    assert ingress.runtime.issued - before == 1, "going back is one command"
    assert (await rig.get("a.localhost")).deployment == "1"
    assert [drained.deployment for drained in await ingress.drained()] == ["d2"]


async def test_a_backend_whose_deployment_left_with_a_stream_is_not_leased_again_until_it_ends(
    rig: Any, open_websocket: Callable[[str], bytes]
) -> None:
    ingress = await rig.ingress(pool_backends=1)
    one, two = await rig.instance("one"), await rig.instance("two")
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    client = await opened_stream(rig, one, open_websocket("a.localhost"))
    assert (await client.answer()).status == 101
    await ingress.apply([])
    table = [rig.app("b", "d2", rig.deployment("d2", 2, two))]
    assert (await ingress.apply(table)).refused == {"b": "pool_empty"}
    await client.send(b"echo")
    assert await client.reader.readexactly(4) == b"echo"
    rig.clock.now += 31
    await ingress.repair()
    assert await client.reader.read() == b""
    assert (await ingress.apply(table)).refused == {}
    assert (await rig.get("b.localhost")).body == "two"


async def test_a_slot_is_not_given_to_another_instance_while_a_stream_is_open(
    rig: Any, open_websocket: Callable[[str], bytes]
) -> None:
    ingress = await rig.ingress(pool_slots=2)
    one, two, three = [await rig.instance(name) for name in ("one", "two", "three")]
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    client = await opened_stream(rig, one, open_websocket("a.localhost"))
    assert (await client.answer()).status == 101
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, two, three))])
    assert {(await rig.get("a.localhost")).body for _ in range(4)} == {"three"}, "one slot is still held by the stream"
    await client.send(b"echo")
    assert await client.reader.readexactly(4) == b"echo"
    client.close()
    await rig.until(
        lambda: len([held for held in ingress._book.leases[0].held if not held.leaving]) == 2, "the second slot"
    )
    await ingress.repair()
    assert {(await rig.get("a.localhost")).body for _ in range(6)} == {"two", "three"}


async def test_a_draining_deployment_this_node_never_had_is_drained_at_once(rig: Any) -> None:
    ingress = await rig.ingress(pool_backends=1)
    one, two = await rig.instance("one"), await rig.instance("two")
    table = [rig.app("a", "d2", rig.deployment("d1", 1, one, draining=True), rig.deployment("d2", 2, two))]
    assert (await ingress.apply(table)).refused == {}
    assert await ingress.drained() == [Drained(deployment="d1", closed_streams=0)]


def leaving(deployment: Any, *names: str) -> Any:
    servers = [msgspec.structs.replace(server, draining=server.instance in names) for server in deployment.servers]
    return msgspec.structs.replace(deployment, servers=servers)


async def test_an_instance_that_was_scaled_away_gets_nothing_new_and_keeps_what_it_answers(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    both = rig.deployment("d1", 1, one, two)
    await ingress.apply([rig.app("a", "d1", both)])
    clients = [rig.client(), rig.client()]
    for number, client in enumerate(clients, start=1):
        await client.send(b"GET /slow HTTP/1.1\r\nHost: a.localhost\r\n\r\n")
        await rig.until(lambda number=number: len(one.requests + two.requests) == number, "the request at an instance")
    assert one.requests
    assert two.requests
    await ingress.apply([rig.app("a", "d1", leaving(both, "two"))])
    assert {(await rig.get("a.localhost")).body for _ in range(6)} == {"one"}
    assert await ingress.drained() == []
    for instance in (one, two):
        instance.release.set()
    assert [(await client.answer()).body for client in clients] == ["helloworld"] * 2
    drained: list[Drained] = []
    while not drained:
        drained = await ingress.drained()
    assert drained == [Drained(deployment="d1", instance="two", closed_streams=0)]
    await ingress.apply([rig.app("a", "d1", rig.deployment("d1", 1, one))])
    assert await ingress.drained() == []


async def test_an_instance_whose_deadline_passed_is_cut_and_its_neighbour_is_not(
    rig: Any, open_websocket: Callable[[str], bytes]
) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    both = rig.deployment("d1", 1, one, two)
    await ingress.apply([rig.app("a", "d1", both)])
    mine = {}
    for _ in range(2):
        client, before = rig.client(), len(one.requests)
        await client.send(open_websocket("a.localhost"))
        assert (await client.answer()).status == 101
        mine["one" if len(one.requests) > before else "two"] = client
    await ingress.apply([rig.app("a", "d1", leaving(both, "two"))])
    rig.clock.now += 30.1
    assert await ingress.drained() == [Drained(deployment="d1", instance="two", closed_streams=1)]
    assert await ingress.drained() == [Drained(deployment="d1", instance="two", closed_streams=1)], "counted once"
    assert await mine["two"].reader.read() == b""
    await mine["one"].send(b"still here")
    assert await mine["one"].reader.readexactly(10) == b"still here"


async def test_an_instance_put_back_before_it_left_serves_again(rig: Any) -> None:
    ingress = await rig.ingress()
    one, two = await rig.instance("one"), await rig.instance("two")
    both = rig.deployment("d1", 1, one, two)
    await ingress.apply([rig.app("a", "d1", both)])
    await ingress.apply([rig.app("a", "d1", leaving(both, "two"))])
    assert {(await rig.get("a.localhost")).body for _ in range(4)} == {"one"}
    await ingress.apply([rig.app("a", "d1", both)])
    assert {(await rig.get("a.localhost")).body for _ in range(4)} == {"one", "two"}
    assert await ingress.drained() == []
