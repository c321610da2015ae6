"""The chain of audit rows: no two rows are sealed alike, and whatever is done to a chain has its word."""

import os
import tracemalloc
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wisehosting_cp.kit.audit_chain import ORIGIN, Entry, Finding, Head, Kind, Link, Verification, encode, parse, seal

KEY = bytes(range(32))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.builds(
    Entry,
    id=st.uuids(),
    at=st.integers(0, 2**60).map(str),
    actor=st.text(max_size=9),
    action=st.text(max_size=9),
    subject=st.text(max_size=9),
    team_id=st.none() | st.uuids(),
    address=st.text(max_size=9),
    request_id=st.text(max_size=9),
    detail=st.dictionaries(st.text(max_size=4), JSON, max_size=3),
)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@given(JSON, JSON)
def test_two_different_values_never_encode_alike(one: Any, other: Any) -> None:
    assert (encode(one) == encode(other)) == _same(one, other)


@given(ENTRIES, ENTRIES)
def test_two_different_rows_never_encode_alike(one: Entry, other: Entry) -> None:
    assert (encode(one) == encode(other)) == _same(one, other)


@given(ENTRIES, ENTRIES, st.integers(1, 2**62), st.binary(min_size=32, max_size=32))
def test_any_change_of_any_field_breaks_the_seal(entry: Entry, other: Entry, seq: int, previous: bytes) -> None:
    sealed = seal(KEY, previous, seq, entry)
    for field in Entry._fields:
        changed = entry._replace(**{field: getattr(other, field)})
        assert (seal(KEY, previous, seq, changed) == sealed) == _same(entry, changed)
    assert seal(KEY, previous, seq + 1, entry) != sealed
    assert seal(KEY, bytes(31) + b"\x01" if previous == ORIGIN else ORIGIN, seq, entry) != sealed
    assert seal(bytes(32), previous, seq, entry) != sealed


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "1.0"), ("1e2", "100"), ("-0.0", "0"), ('{"a":1,"b":2}', '{"b":2,"a":1}'), ("1e-3", "0.00100")],
)
def test_what_is_equal_to_postgresql_is_sealed_alike(one: str, other: str) -> None:
    assert encode(parse(one)) == encode(parse(other))


@pytest.mark.parametrize(
    ("one", "other"), [("0.1", "0.10000000000000000000000001"), ("1" + "0" * 40, "1" + "0" * 39 + "1")]
)
def test_numbers_are_not_rounded(one: str, other: str) -> None:
    assert encode(parse(one)) != encode(parse(other))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN is no number"):
        parse('{"a": NaN}')
    with pytest.raises(TypeError, match="no object"):
        encode(object())


def _entry(number: int) -> Entry:
    return Entry(UUID(int=number), str(number), "user:1", "act", f"thing:{number}", None, "", "", {"number": number})


def _chain(length: int) -> list[Link]:
    made: list[Link] = []
    mac = ORIGIN
    for seq in range(1, length + 1):
        mac = seal(KEY, mac, seq, _entry(seq))
        made.append(Link(seq, mac, _entry(seq)))
    return made


def _found(rows: list[Link], anchor: Head | None = None, *, key: bytes = KEY) -> list[Finding]:
    verification = Verification(key, anchor)
    for row in sorted(rows, key=lambda row: row.seq):
        verification.feed(row)
    return verification.findings()


def _words(rows: list[Link], anchor: Head | None = None) -> list[tuple[str, int]]:
    return [(finding.kind.value, finding.seq) for finding in _found(rows, anchor)]


def _head(rows: list[Link]) -> Head:
    return Head(rows[-1].seq, rows[-1].mac)


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_an_untouched_chain_is_whole_with_and_without_an_anchor(length: int) -> None:
    rows = _chain(length)
    assert _words(rows) == []
    for seen in range(1, length + 1):
        assert _words(rows, Head(seen, rows[seen - 1].mac)) == []


@given(st.integers(1, 12), st.sampled_from([name for name in Entry._fields if name != "id"]))
def test_an_edited_row_is_named(seq: int, field: str) -> None:
    rows = _chain(12)
    forged = Entry._make("forged" if name == field else value for name, value in rows[seq - 1].entry._asdict().items())
    rows[seq - 1] = Link(seq, rows[seq - 1].mac, forged)
    assert _words(rows, Head(12, _chain(12)[-1].mac)) == [("edited", seq)]


@given(st.integers(1, 11))
def test_an_edited_seal_and_an_edited_row_with_another_seal_are_named(seq: int) -> None:
    rows = _chain(12)
    rows[seq - 1] = Link(seq, os.urandom(32), rows[seq - 1].entry)
    assert _words(rows, _head(rows)) == [("edited", seq)]
    rows[seq - 1] = Link(seq, os.urandom(32), _entry(99))
    assert _words(rows, _head(rows)) == [("edited", seq)]


@given(st.integers(1, 11), st.integers(1, 5))
def test_rows_that_are_gone_from_the_middle_are_named(seq: int, many: int) -> None:
    whole = _chain(12)
    rows = [row for row in whole if not seq <= row.seq < min(seq + many, 12)]
    assert _words(rows, _head(whole)) == [("deleted", seq)]


@given(st.integers(1, 8), st.integers(1, 3))
def test_rows_that_are_gone_are_named_although_the_rest_was_renumbered(seq: int, many: int) -> None:
    rows = [row for row in _chain(14) if not seq <= row.seq < seq + many]
    rows = [Link(place, row.mac, row.entry) for place, row in enumerate(rows, 1)]
    assert _words(rows) == [("deleted", seq)]


@given(st.integers(1, 12))
def test_an_inserted_row_is_named(seq: int) -> None:
    rows = _chain(12)
    forged = Link(seq, os.urandom(32), _entry(99))
    rows = [*rows[: seq - 1], forged, *(Link(row.seq + 1, row.mac, row.entry) for row in rows[seq - 1 :])]
    assert [(one.kind, one.id) for one in _found(rows)] == [(Kind.inserted, UUID(int=99))]


def test_a_row_inserted_at_the_end_is_named() -> None:
    rows = _chain(12)
    assert _words([*rows, Link(13, os.urandom(32), _entry(99))], _head(rows)) == [("inserted", 13)]


@given(st.integers(1, 12), st.integers(1, 12))
def test_two_rows_that_changed_places_are_named(one: int, other: int) -> None:
    rows = _chain(12)
    rows[one - 1], rows[other - 1] = (
        Link(one, rows[other - 1].mac, rows[other - 1].entry),
        Link(other, rows[one - 1].mac, rows[one - 1].entry),
    )
    assert _words(rows) == ([("reordered", seq) for seq in sorted((one, other))] if one != other else [])


@given(st.integers(1, 12), st.integers(13, 2**62))
def test_a_row_with_another_place_is_named(seq: int, place: int) -> None:
    rows = _chain(12)
    whole = _head(rows)
    rows[seq - 1] = Link(place, rows[seq - 1].mac, rows[seq - 1].entry)
    assert [(finding.kind, finding.id) for finding in _found(rows, whole)] == (
        [(Kind.reordered, UUID(int=seq))] if seq < 12 or place != 12 else []
    )


@given(st.integers(0, 11))
def test_a_tail_that_was_cut_is_named(kept: int) -> None:
    rows = _chain(12)
    assert _words(rows[:kept], _head(rows)) == [("cut_tail", kept + 1)]
    grown = rows[:kept]
    for seq in range(kept + 1, 15):
        entry = _entry(seq + 100)
        grown.append(Link(seq, seal(KEY, grown[-1].mac if grown else ORIGIN, seq, entry), entry))
    assert _words(grown, _head(rows)) == [("cut_tail", 12)]


@pytest.mark.parametrize("length", [2, 3, 200])
def test_another_key_is_told_from_a_broken_chain(length: int) -> None:
    assert [finding.kind for finding in _found(_chain(length), key=bytes(32))] == [Kind.wrong_key]


def test_an_anchor_that_nobody_sealed_is_named() -> None:
    verification = Verification(KEY, None, anchor_is_sealed=False)
    for row in _chain(3):
        verification.feed(row)
    assert [finding.kind for finding in verification.findings()] == [Kind.anchor_edited]


def test_of_many_broken_rows_a_few_are_explained_and_all_are_counted() -> None:
    rows = [Link(row.seq, os.urandom(32), row.entry) if row.seq > 100 else row for row in _chain(1000)]
    found = _found(rows)
    assert found[-1].kind is Kind.too_many
    assert "900 rows" in found[-1].says
    assert len(found) < 40


@given(st.permutations(range(8)), st.sets(st.integers(0, 7)))
def test_whatever_is_done_to_a_chain_is_noticed(order: list[int], kept: set[int]) -> None:
    whole = _chain(8)
    rows = [Link(place, whole[at].mac, whole[at].entry) for place, at in enumerate(order, 1) if at in kept]
    if [(row.seq, row.entry) for row in rows] == [(row.seq, row.entry) for row in whole]:
        assert _found(rows, _head(whole)) == []
    else:
        assert _found(rows, _head(whole)) != []


def _laid_out(whole: list[Link], places: dict[int, int]) -> list[Link]:
    """Put each row, by the place it was sealed for, at another."""
    return [Link(place, whole[at - 1].mac, whole[at - 1].entry) for place, at in places.items()]


@pytest.mark.parametrize(
    ("places", "anchor", "between"),
    [
        ({1: 1, 3: 5, 4: 2, 5: 3, 6: 6, 7: 7}, 7, "from place 2 to 6 "),
        ({1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 8: 6, 9: 7}, 5, "from place 6 to 9 "),
    ],
    ids=["one is gone and the others hide it", "the rest was moved on after an anchor of before"],
)
def test_a_break_that_looks_like_nothing_in_particular_is_told_all_the_same(
    places: dict[int, int], anchor: int, between: str
) -> None:
    whole = _chain(7)
    found = _found(_laid_out(whole, places), _head(whole[:anchor]))
    assert [finding.kind.value for finding in found] == ["broken"]
    assert between in found[0].says


ACTS = ("delete", "cut", "renumber", "move on", "swap", "copy", "edit", "seal")
PLACES = st.integers(-2, 14) | st.integers(-(2**63), 2**63 - 1)


def _tampered(rows: list[Link], act: str, one: int, other: int, place: int) -> list[Link]:
    """Do something to rows that stand by rising place, no two at the same."""
    if not rows:
        return rows
    one, other = one % len(rows), other % len(rows)
    if act == "delete":
        done = [*rows[:one], *rows[one + 1 :]]
    elif act == "cut":
        done = rows[:one]
    elif act == "renumber":
        done = [*rows[:one], replace(rows[one], seq=place), *rows[one + 1 :]]
    elif act == "move on":
        done = [*rows[:one], *(replace(row, seq=row.seq + place) for row in rows[one:])]
    elif act == "swap":
        places = {one: rows[other].seq, other: rows[one].seq}
        done = [replace(row, seq=places.get(at, row.seq)) for at, row in enumerate(rows)]
    elif act == "copy":
        done = [*rows, replace(rows[one], seq=place)]
    elif act == "edit":
        done = [*rows[:one], replace(rows[one], entry=rows[other].entry), *rows[one + 1 :]]
    else:
        done = [*rows[:one], replace(rows[one], mac=rows[other].mac), *rows[one + 1 :]]
    # The column is unique: what is at a taken place is refused.
    return sorted({row.seq: row for row in reversed(done)}.values(), key=lambda row: row.seq)


def _is_as_written(rows: list[Link], whole: list[Link], seen: int | None) -> bool:
    """Whether nobody could tell: rows that the anchor has not seen can be cut from the end, without one any number."""
    return rows == whole[: len(rows)] and len(rows) >= (seen or 0)


@settings(max_examples=500)
@given(
    st.integers(0, 9),
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 8), st.integers(0, 8), PLACES), max_size=6),
    st.none() | st.integers(0, 9),
)
def test_whoever_does_many_things_to_a_chain_is_noticed_unless_nothing_came_of_it(
    length: int, acts: list[tuple[str, int, int, int]], seen: int | None
) -> None:
    rows = whole = _chain(length)
    for act in acts:
        rows = _tampered(rows, *act)
    # An anchor of before as well as one that has seen all.
    seen = None if seen is None else min(seen, length)
    anchor = None if seen is None else _head(whole[:seen]) if seen else Head(0, ORIGIN)
    assert (_found(rows, anchor) == []) == _is_as_written(rows, whole, seen)


def test_it_keeps_nothing_of_rows_that_were_fed() -> None:
    """Thousands of rows, all of them broken, weigh what a few do."""

    def kept(many: int) -> int:
        tracemalloc.start()
        verification = Verification(KEY)
        for seq in range(1, many + 1):
            verification.feed(Link(2 * seq, bytes(32), _entry(seq)))
        assert verification.broken == many
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return kept

    assert kept(4000) < 2 * kept(40)


def test_ids_are_part_of_what_is_sealed() -> None:
    rows = _chain(3)
    rows[1] = Link(2, rows[1].mac, rows[1].entry._replace(id=uuid4()))
    assert _words(rows) == [("edited", 2)]
