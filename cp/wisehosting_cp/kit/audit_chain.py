"""The audit trail's hash chain: each row is sealed with HMAC-SHA256 (RFC 2104) over the row before it. No I/O."""

import hmac
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

ORIGIN = bytes(32)
"""What the first row is chained to."""
ROW = "wisehosting audit row v1"
HEAD = "wisehosting audit head v1"
SUSPECTS_KEPT = 16
"""Rows that break the chain and are explained one by one; past them only their number is told."""
SHIFTS = tuple(shift for step in range(1, 65) for shift in (-step, step))
"""How far later rows may have been renumbered and the place is still found."""


class Entry(NamedTuple):
    """A row as it is sealed, except its place and its seal."""

    id: UUID
    at: str
    """Whole microseconds since 1970 UTC, or what PostgreSQL says instead (`Infinity`)."""
    actor: str
    action: str
    subject: str
    team_id: UUID | None
    address: str
    request_id: str
    detail: Any
    """Parsed by `parse`."""


@dataclass(frozen=True)
class Link:
    """A stored row: its place, its seal, and what it says."""

    seq: int
    mac: bytes
    entry: Entry


@dataclass(frozen=True)
class Head:
    """The newest row of a chain; seq 0 is a chain without rows."""

    seq: int
    mac: bytes


class Kind(StrEnum):
    """What was done to a chain."""

    edited = "edited"
    inserted = "inserted"
    deleted = "deleted"
    reordered = "reordered"
    broken = "broken"
    cut_tail = "cut_tail"
    wrong_key = "wrong_key"
    anchor_edited = "anchor_edited"
    too_many = "too_many"


@dataclass(frozen=True)
class Finding:
    """One place where the chain is broken; `id` is the row that is there, where there is one."""

    kind: Kind
    seq: int
    id: UUID | None
    says: str


def parse(text: str) -> Any:
    """Read JSON without rounding a number. Raises ValueError for what is no JSON, NaN among it."""
    return json.loads(text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def encode(value: Any) -> bytes:
    """Encode so that no two different values are alike: a letter for the type, the length in 8 bytes, the content.

    Numbers are alike when they are equal (1 and 1.0), as they are to PostgreSQL's jsonb; so are objects whose keys
    stand in another order. Raises TypeError for a type that is not in a row.
    """
    if value is None:
        return _tagged(b"n", b"")
    if isinstance(value, bool):
        return _tagged(b"b", b"1" if value else b"0")
    if isinstance(value, bytes):
        return _tagged(b"y", value)
    if isinstance(value, str):
        # A lone surrogate never reaches PostgreSQL; it must not be what ends a verification either.
        return _tagged(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, int | Decimal):
        return _tagged(b"d", _number(Decimal(value)))
    if isinstance(value, UUID):
        return _tagged(b"u", value.bytes)
    if isinstance(value, Mapping):
        return _tagged(b"m", b"".join(encode(key) + encode(value[key]) for key in sorted(value)))
    if isinstance(value, Sequence):
        return _tagged(b"l", b"".join(encode(item) for item in value))
    raise TypeError(f"a row has no {type(value).__name__}")


def _tagged(tag: bytes, content: bytes) -> bytes:
    return tag + len(content).to_bytes(8) + content


def _number(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    figures = "".join(map(str, digits)).lstrip("0")
    kept = figures.rstrip("0")
    if not kept:
        return b"0"
    return f"{'-' if sign else ''}{kept}e{int(exponent) + len(figures) - len(kept)}".encode()


def seal(key: bytes, previous: bytes, seq: int, entry: Entry) -> bytes:
    """Return the 32 bytes that bind a row to its place and to all rows before it."""
    return hmac.digest(key, encode([ROW, previous, seq, *entry]), sha256)


def seal_head(key: bytes, head: Head) -> bytes:
    """Return the 32 bytes that prove a head was noted by a holder of the key."""
    return hmac.digest(key, encode([HEAD, head.seq, head.mac]), sha256)


def after(key: bytes, head: Head, link: Link) -> Head | None:
    """Return the head after one more row; None when the row does not follow from it."""
    follows = link.seq == head.seq + 1 and hmac.compare_digest(link.mac, seal(key, head.mac, link.seq, link.entry))
    return Head(link.seq, link.mac) if follows else None


@dataclass
class _Suspect:
    """A row that does not follow from the one before it."""

    link: Link
    before: Head
    """What stands before it, with the place it is stored at."""
    shift: int
    """How far rows were renumbered up to here: sealed place minus stored place."""
    later: int | None = None
    """The same at the next row that follows from the one before it; None where there is none."""
    followed: bool = False
    """The row after it follows from it."""

    def gap(self) -> range:
        return range(self.before.seq + 1, self.link.seq)


class Verification:
    """Feed it all rows by rising seq, ask it at the end. It keeps only rows that break the chain, and few of them."""

    def __init__(self, key: bytes, anchor: Head | None = None, *, anchor_is_sealed: bool = True) -> None:
        self._key = key
        self._anchor = anchor
        self._anchor_is_sealed = anchor_is_sealed
        self._anchor_met = anchor is None or anchor.seq == 0
        self._suspects: list[_Suspect] = []
        self._shift = 0
        self._proven = 0
        self.broken = 0
        self.count = 0
        self.head = Head(0, ORIGIN)

    def feed(self, link: Link) -> None:
        """Look at the next row."""
        before, self.head = self.head, Head(link.seq, link.mac)
        self.count += 1
        if self._anchor == self.head:
            self._anchor_met = True
        shift = self._shift
        if link.seq == before.seq + 1 and self._holds(link, before.mac, link.seq + shift):
            self._go_on()
            return
        # Rows that were renumbered are each sealed for another place: followed once, or all of them would be broken.
        if self._suspects and self._suspects[-1].link.seq == before.seq == link.seq - 1:
            found = (step for step in SHIFTS if self._holds(link, before.mac, link.seq + shift + step))
            step = next(found, None)
            if step is not None:
                self._shift += step
                self._go_on()
                return
        self.broken += 1
        if len(self._suspects) < SUSPECTS_KEPT:
            self._suspects.append(_Suspect(link, before, shift))

    def _go_on(self) -> None:
        self._proven += 1
        for suspect in reversed(self._suspects):
            if suspect.later is not None:
                break
            suspect.later = self._shift
        if self._suspects and self._suspects[-1].link.seq == self.head.seq - 1:
            self._suspects[-1].followed = True

    def _holds(self, link: Link, previous: bytes, seq: int) -> bool:
        return hmac.compare_digest(link.mac, seal(self._key, previous, seq, link.entry))

    def findings(self) -> list[Finding]:
        """Return what is broken, by rising seq; empty when every row follows and they reach the anchor, and only then."""
        doubtful = not self._anchor_is_sealed or (self._anchor is None and self.count > 1)
        if self.count and not self._proven and doubtful:
            return [Finding(Kind.wrong_key, 1, None, "no row was sealed with this key")]
        found = sorted(self._explained(), key=lambda finding: finding.seq)
        if self._suspects and not found:
            # What explains a break can be led astray by how rows are laid out; that there is one cannot.
            found.append(self._unexplained())
        if self.broken > len(self._suspects):
            found.append(Finding(Kind.too_many, self.head.seq, None, f"{self.broken} rows do not follow in all"))
        if not self._anchor_is_sealed:
            found.append(Finding(Kind.anchor_edited, self.head.seq, None, "the anchor is not one of this platform's"))
        elif self._anchor is not None and not self._anchor_met:
            found += self._tail(self._anchor, found)
        return found

    def _unexplained(self) -> Finding:
        first, last = self._suspects[0], self._suspects[-1].link.seq
        begin = min(first.before.seq + 1, first.link.seq)
        # Where rows were still renumbered at the end, none after the break is in its place.
        end = self.head.seq if self._shift else last
        says = f"rows from place {begin} to {end} are not in the order, or not all there, as they were written"
        return Finding(Kind.broken, begin, None, says)

    def _tail(self, anchor: Head, found: list[Finding]) -> Iterator[Finding]:
        if self.head.seq < anchor.seq:
            says = f"rows after {self.head.seq} are gone: the anchor has seen {anchor.seq}"
            yield Finding(Kind.cut_tail, self.head.seq + 1, None, says)
        elif not found:
            says = "the row that the anchor has seen was replaced: the tail was cut and written anew"
            yield Finding(Kind.cut_tail, anchor.seq, None, says)

    def _explained(self) -> Iterable[Finding]:
        places = {at: self._place(suspect) for at, suspect in enumerate(self._suspects)}
        # A row that stands elsewhere is not missing where it should be.
        moved = {place for at, place in places.items() if place not in {None, self._suspects[at].link.seq}}
        for at, suspect in enumerate(self._suspects):
            yield from self._gaps(suspect, places[at], moved)
            yield from self._row(at, suspect, places)

    def _gaps(self, suspect: _Suspect, place: int | None, moved: Collection[int | None]) -> Iterator[Finding]:
        gap = suspect.gap()
        out_of_place = place is not None and place != suspect.link.seq
        # A range can be too long for `len`.
        if not gap or out_of_place or (gap[0] == gap[-1] and gap[0] in moved):
            return
        many = f"rows {gap[0]} to {gap[-1]} are gone" if gap[0] != gap[-1] else f"row {gap[0]} is gone"
        yield Finding(Kind.deleted, gap[0], None, many)

    def _row(self, at: int, suspect: _Suspect, places: Mapping[int, int | None]) -> Iterator[Finding]:
        seq, row = suspect.link.seq, suspect.link.entry.id
        place = places[at]
        later = suspect.shift if suspect.later is None else suspect.later
        if place is not None:
            pushed_on = place == seq + later - 1 and self._after_a_forgery(at, places)
            if place not in {seq, seq + later} and not pushed_on:
                yield Finding(Kind.reordered, seq, row, f"this row belongs at {place}")
        elif suspect.gap():
            return  # its seal needs the row that is gone
        elif later > suspect.shift:
            yield Finding(
                Kind.deleted, seq, None, f"{later - suspect.shift} rows before this are gone, the rest renumbered"
            )
        elif self._squeezed_in(at, suspect):
            yield Finding(Kind.inserted, seq, row, "this row was never sealed, or changed since the anchor was moved")
        elif not (self._after_a_forgery(at, places) and (suspect.followed or seq == self.head.seq)):
            # Of a row after one that was sealed nowhere nothing can be said; others follow from it.
            yield Finding(Kind.edited, seq, row, "this row is not what was sealed")

    def _squeezed_in(self, at: int, suspect: _Suspect) -> bool:
        """Whether the chain goes on without this row: another row follows from what stands before it."""
        if any(
            other is not suspect and self._holds(other.link, suspect.before.mac, suspect.before.seq + suspect.shift + 1)
            for other in self._suspects
        ):
            return True
        newest = at == len(self._suspects) - 1 and suspect.link.seq == self.head.seq
        return newest and self._anchor is not None and suspect.link.seq > self._anchor.seq

    def _after_a_forgery(self, at: int, places: Mapping[int, int | None]) -> bool:
        """Whether the row before this one was sealed nowhere."""
        return at > 0 and self._suspects[at - 1].link.seq == self._suspects[at].before.seq and places[at - 1] is None

    def _place(self, suspect: _Suspect) -> int | None:
        """Return where this row was sealed to be; None when it was sealed after nothing that is known."""
        seqs = {other.link.seq for other in self._suspects} | {other.before.seq + 1 for other in self._suspects}
        seqs |= {seq + other.shift for seq in seqs for other in (suspect, self._suspects[-1])}
        for mac in self._known():
            for seq in sorted(seqs):
                if self._holds(suspect.link, mac, seq):
                    return seq
        return None

    def _known(self) -> dict[bytes, None]:
        """Seals that a broken row may have followed: of the rows around, and what a row's own seal should have been."""
        known = dict.fromkeys(other.before.mac for other in self._suspects)
        known |= dict.fromkeys(other.link.mac for other in self._suspects)
        for other in self._suspects:
            known[seal(self._key, other.before.mac, other.link.seq + other.shift, other.link.entry)] = None
        return known
