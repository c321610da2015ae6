"""Leases: one backend for one deployment, given free only when nothing is left in it."""

from hypothesis import given
from hypothesis import strategies as st
from ingresstables import Model, tables

from wisehosting_agent.ingress.leases import Book, assign, hold_back, picture
from wisehosting_agent.ingress.model import Pool, SlotName
from wisehosting_wire.workload import RouteApp, RouteDeployment, RouteServer

POOL = Pool(4, 3)
ALL_QUIET = Model(POOL).seen().quiet()


def app(name: str, live: str | None, *deployments: RouteDeployment, hosts: list[str] | None = None) -> RouteApp:
    return RouteApp(app=name, hosts=hosts or [f"{name}.localhost"], live=live, deployments=list(deployments))


def deployment(name: str, servers: int = 1, *, draining: bool = False) -> RouteDeployment:
    return RouteDeployment(
        deployment=name,
        number=1,
        servers=[
            RouteServer(instance=f"{name}-{one}", address="127.0.0.1", port=20000 + one) for one in range(servers)
        ],
        draining=draining,
    )


@given(st.lists(tables(), min_size=1, max_size=6), st.data())
def test_no_backend_and_no_slot_ever_belongs_to_two(sequence: list[list[RouteApp]], data: st.DataObject) -> None:
    book, in_force = Book(), list[RouteApp]()
    for table in sequence:
        quiet = frozenset(data.draw(st.sets(st.sampled_from(sorted(ALL_QUIET)))))
        before = book
        result = assign(book, in_force, table, POOL, quiet)
        book, in_force = result.book, result.apps
        backends = [lease.backend for lease in book.leases]
        assert len(backends) == len(set(backends))
        assert all(1 <= backend <= POOL.backends for backend in backends)
        for lease in book.leases:
            slots = [held.slot for held in lease.held]
            assert len(slots) == len(set(slots))
            assert all(1 <= slot <= POOL.slots for slot in slots)
        kept = {lease.deployment: lease.backend for lease in book.leases}
        for lease in before.leases:
            all_quiet = all(slot in quiet for slot in POOL.slots_of(lease.name))
            assert kept.get(lease.deployment) == lease.backend or (lease.leaving and all_quiet)


@given(tables(), tables())
def test_assigning_the_same_table_again_changes_nothing(first: list[RouteApp], second: list[RouteApp]) -> None:
    once = assign(Book(), [], first, POOL, ALL_QUIET)
    result = assign(once.book, once.apps, second, POOL, frozenset())
    again = assign(result.book, result.apps, second, POOL, frozenset())
    assert (again.book, again.apps) == (result.book, result.apps)


@given(tables(), tables())
def test_a_refused_app_keeps_what_it_had_and_no_app_vanishes(first: list[RouteApp], second: list[RouteApp]) -> None:
    once = assign(Book(), [], first, POOL, ALL_QUIET)
    result = assign(once.book, once.apps, second, POOL, ALL_QUIET)
    before = {one.app: one for one in once.apps}
    after = {one.app: one for one in result.apps}
    assert set(after) == {one.app for one in second}
    for one in second:
        if one.app not in result.refused:
            assert after[one.app] == one
        elif one.app in before:
            assert after[one.app].live == before[one.app].live
            assert after[one.app].deployments == before[one.app].deployments
    hosts = [host for one in result.apps for host in one.hosts]
    assert len(hosts) == len(set(hosts))


def test_a_lease_ends_only_when_its_deployment_left_and_every_slot_is_quiet() -> None:
    once = assign(Book(), [], [app("a", "d1", deployment("d1", 2))], POOL, ALL_QUIET)
    gone = assign(once.book, once.apps, [], POOL, ALL_QUIET)
    assert [lease.leaving for lease in gone.book.leases] == [True]
    busy = ALL_QUIET - {SlotName("p0001", "s2")}
    assert assign(gone.book, gone.apps, [], POOL, busy).book.leases == gone.book.leases
    assert assign(gone.book, gone.apps, [], POOL, ALL_QUIET).book.leases == ()


def test_an_app_needs_all_its_backends_or_gets_none() -> None:
    full = [app(name, f"d-{name}", deployment(f"d-{name}")) for name in ("a", "b", "c")]
    once = assign(Book(), [], full, POOL, ALL_QUIET)
    two = app("d", "n1", deployment("n1"), deployment("n2"))
    result = assign(once.book, once.apps, [*full, two], POOL, ALL_QUIET)
    assert result.refused == {"d": "pool_empty"}
    assert len(result.book.leases) == 3
    assert result.apps[-1] == RouteApp(app="d", hosts=["d.localhost"], live=None, deployments=[])


def test_a_freed_backend_is_leased_again_last() -> None:
    once = assign(Book(), [], [app("a", "d1", deployment("d1"))], POOL, ALL_QUIET)
    gone = assign(once.book, once.apps, [], POOL, ALL_QUIET)
    new = assign(gone.book, gone.apps, [app("a", "d2", deployment("d2"))], POOL, ALL_QUIET)
    assert [lease.backend for lease in new.book.leases] == [2]


def test_an_instance_keeps_its_slot_and_a_moved_one_gets_another() -> None:
    once = assign(Book(), [], [app("a", "d1", deployment("d1", 2))], POOL, ALL_QUIET)
    moved = RouteDeployment(
        deployment="d1",
        number=1,
        servers=[
            RouteServer(instance="d1-0", address="127.0.0.1", port=29999),
            RouteServer(instance="d1-1", address="127.0.0.1", port=20001),
        ],
    )
    result = assign(once.book, once.apps, [app("a", "d1", moved)], POOL, ALL_QUIET)
    held = {(one.instance, one.port): (one.slot, one.leaving) for one in result.book.leases[0].held}
    assert held == {("d1-0", 20000): (1, True), ("d1-0", 29999): (3, False), ("d1-1", 20001): (2, False)}


def test_a_smaller_setting_takes_no_backend_away_that_is_in_use() -> None:
    full = [app(name, f"d-{name}", deployment(f"d-{name}")) for name in ("a", "b", "c")]
    book = assign(Book(), [], full, POOL, ALL_QUIET).book
    assert book.pool(Pool(1, 1)) == Pool(3, 1)
    assert book.pool(Pool(64, 8)) == Pool(64, 8)


def test_what_is_not_well_formed_or_claims_what_another_has_is_refused() -> None:
    good = app("a", "d1", deployment("d1"))
    server = RouteServer(instance="i", address="127.0.0.1", port=1)

    def one(name: str, **changes: object) -> RouteApp:
        fields = {"instance": "i", "address": "127.0.0.1", "port": 1, **changes}
        servers = [RouteServer(**fields)]  # type: ignore[arg-type]
        return app(name, f"d-{name}", RouteDeployment(deployment=f"d-{name}", number=1, servers=servers))

    bad = [
        app("b", None, hosts=["a.localhost"]),
        app("c", "nowhere"),
        app("d", "d1", deployment("d1")),
        app("e", None, hosts=["UPPER.localhost"]),
        app("f", None, hosts=["f.localhost:8080"]),
        app("g", None, hosts=["g.localhost;show env"]),
        app("h\nx", None),
        app("i", None, hosts=["i.localhost\n"]),
        one("j", address="example.org"),
        one("k", address="0.0.0.0"),
        one("l", address="127.0.0.1 x"),
        one("m", port=0),
        one("n", port=70000),
        one("o", instance="a b"),
        app("p", "dp", RouteDeployment(deployment="dp", number=1, servers=[server, server])),
        app("q", None, hosts=["."]),
        app("r", None, hosts=["a" * 254]),
    ]
    result = assign(Book(), [], [good, *bad], Pool(64, 8), Model(Pool(64, 8)).seen().quiet())
    assert result.refused == {refused.app: "invalid_route" for refused in bad}
    assert picture(result.book, result.apps).hosts == {"a.localhost": "a"}


def test_only_an_app_with_its_old_deployment_still_there_is_held_back() -> None:
    old = [app("a", "d1", deployment("d1"), deployment("d2")), app("b", "e1", deployment("e1")), app("c", None)]
    new = [
        app("a", "d2", deployment("d1"), deployment("d2")),
        app("b", "e2", deployment("e2")),
        app("c", "f1", deployment("f1")),
    ]
    table, held = hold_back(old, new, lambda _: False)
    assert held == ["a"]
    assert [one.live for one in table] == ["d1", "e2", "f1"]
    assert hold_back(old, new, lambda _: True) == (new, [])
