"""Commands: from anything HAProxy holds to what it should hold, in an order that no visitor notices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingresstables import MAPS, Model, backend_of, differences, tables

from wisehosting_agent.errors import IngressError
from wisehosting_agent.ingress.commands import add_map, batches, plan, set_address, set_state
from wisehosting_agent.ingress.leases import Book, assign, picture
from wisehosting_agent.ingress.model import Picture, Pool, SlotName, SlotState, Target
from wisehosting_wire.workload import RouteApp

POOL = Pool(8, 3)


def put_in_force(
    model: Model, book: Book, in_force: list[RouteApp], table: list[RouteApp]
) -> tuple[Book, list[RouteApp], Picture]:
    result = assign(book, in_force, table, model.pool, model.seen().quiet())
    wanted = picture(result.book, result.apps)
    for _ in range(3):
        for command in plan(model.seen(), wanted, MAPS).commands:
            model.run(command)
    return result.book, result.apps, wanted


@given(tables(), tables())
def test_any_table_after_any_other_ends_in_the_wanted_state(first: list[RouteApp], second: list[RouteApp]) -> None:
    model = Model(POOL)
    book, apps, wanted = put_in_force(model, Book(), [], first)
    assert differences(model.seen(), wanted) == []
    _, _, wanted = put_in_force(model, book, apps, second)
    assert differences(model.seen(), wanted) == []
    assert plan(model.seen(), wanted, MAPS).commands == []


@given(tables(), tables(), st.data())
def test_a_busy_slot_is_never_readdressed_and_the_rest_is_in_force(
    first: list[RouteApp], second: list[RouteApp], data: st.DataObject
) -> None:
    model = Model(POOL)
    book, apps, _ = put_in_force(model, Book(), [], first)
    busy = dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(model.slots)))), 1)
    model.use(busy)
    book, apps, wanted = put_in_force(model, book, apps, second)  # the model refuses a new address for a busy slot
    assert differences(model.seen(), wanted) == []
    model.use({})
    for _ in range(2):
        book, apps, wanted = put_in_force(model, book, apps, apps)
    assert differences(model.seen(), wanted) == []
    wanting = {
        server.instance
        for app in apps
        for one in app.deployments
        for server in one.servers
        if book.lease(one.deployment)
    }
    assert {held.instance for lease in book.leases for held in lease.held if not held.leaving} == wanting


@given(tables(), tables())
def test_at_every_step_a_host_that_stays_leads_somewhere_and_a_switch_finds_its_slots_ready(
    first: list[RouteApp], second: list[RouteApp]
) -> None:
    model = Model(POOL)
    book, apps, before = put_in_force(model, Book(), [], first)
    result = assign(book, apps, second, POOL, model.seen().quiet())
    wanted = picture(result.book, result.apps)
    staying = [host for host in before.hosts if host in wanted.hosts]
    served = [app for app in before.backends if app in wanted.backends]
    for command in plan(model.seen(), wanted, MAPS).commands:
        model.run(command)
        assert all(model.lookup(MAPS.hosts, host) for host in staying)
        assert all(model.lookup(MAPS.backends, app) for app in served)
        backend = backend_of(command.line)
        if backend is not None:
            assert model.lookup(MAPS.numbers, backend) == wanted.numbers[backend]
            for slot, target in wanted.slots.items():
                if slot.backend == backend and target.state is SlotState.ready:
                    assert model.slots[slot].state is SlotState.ready


@given(tables(), st.data())
def test_whatever_somebody_changed_by_hand_is_repaired(table: list[RouteApp], data: st.DataObject) -> None:
    model = Model(POOL)
    _, _, wanted = put_in_force(model, Book(), [], table)
    keys = st.sampled_from(["a", "b", "u.localhost", "v.localhost", "p0001", "p0002"])
    for path in model.maps:
        model.maps[path] = data.draw(
            st.permutations(model.maps[path] + data.draw(st.lists(st.tuples(keys, keys), max_size=4)))
        )
    for slot in data.draw(st.sets(st.sampled_from(sorted(model.slots)))):
        state = data.draw(st.sampled_from(list(SlotState)))
        model.run(set_state(slot, SlotState.maint))
        if data.draw(st.booleans()):
            model.run(set_address(slot, "127.0.0.9", 9))
        model.run(set_state(slot, state))
    for _ in range(3):
        for command in plan(model.seen(), wanted, MAPS).commands:
            model.run(command)
    assert differences(model.seen(), wanted) == []


def test_going_to_another_deployment_is_one_atomic_command() -> None:
    model = Model(POOL)
    both = Picture(
        hosts={"a.localhost": "a"},
        backends={"a": "p0001"},
        numbers={"p0001": "1", "p0002": "2"},
        slots={SlotName("p0001", "s1"): Target("127.0.0.1", 1), SlotName("p0002", "s1"): Target("127.0.0.1", 2)},
    )
    for command in plan(model.seen(), both, MAPS).commands:
        model.run(command)
    switched = Picture(hosts=both.hosts, backends={"a": "p0002"}, numbers=both.numbers, slots=both.slots)
    assert [command.line for command in plan(model.seen(), switched, MAPS).commands] == ["set map /s/be.map a p0002"]


@given(st.text(min_size=1).filter(lambda text: any(sign in text for sign in " \t\n\r;\\<\"'\0#") or not text.isascii()))
def test_a_value_with_a_blank_semicolon_backslash_or_newline_builds_no_command(value: str) -> None:
    with pytest.raises(IngressError, match="characters that no route may have"):
        add_map(MAPS.hosts, value, "a")
    with pytest.raises(IngressError, match="characters that no route may have"):
        add_map(MAPS.hosts, "a", value)
    with pytest.raises(IngressError, match="characters that no route may have"):
        set_address(SlotName("p0001", "s1"), value, 1)


def test_a_slot_haproxy_does_not_have_is_an_error() -> None:
    wanted = Picture(slots={SlotName("p9999", "s1"): Target("127.0.0.1", 1)})
    with pytest.raises(IngressError, match="no slot p9999/s1"):
        plan(Model(POOL).seen(), wanted, MAPS)


@given(st.lists(st.integers(1, 3000), max_size=300))
def test_batches_keep_order_and_fit_a_line(lengths: list[int]) -> None:
    orders = [add_map(MAPS.hosts, "k" * length, "v") for length in lengths]
    groups = batches(orders)
    assert [command for group in groups for command in group] == orders
    assert all(len(group) <= 100 and len(";".join(command.line for command in group)) <= 8000 for group in groups)
