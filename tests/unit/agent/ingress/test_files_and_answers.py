"""Files written, answers read: what goes out comes back the same."""

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingresstables import Model, tables

from wisehosting_agent.errors import ConfigurationError, IngressError
from wisehosting_agent.ingress import parse
from wisehosting_agent.ingress.commands import Command, set_address
from wisehosting_agent.ingress.config import PAGES, max_connections, render
from wisehosting_agent.ingress.drains import Drains
from wisehosting_agent.ingress.leases import Book, assign, picture
from wisehosting_agent.ingress.model import Pool, SlotName, SlotState, Target
from wisehosting_agent.ingress.probing import read_head
from wisehosting_agent.ingress.runtime import split_replies
from wisehosting_agent.ingress.state import Files, map_text, parse_map, servers_text
from wisehosting_wire.workload import RouteApp

WORD = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters=".-_"), min_size=1)
POOL = Pool(8, 3)
SLOTS = st.dictionaries(
    st.builds(lambda p, s: SlotName(f"p{p:04d}", f"s{s}"), st.integers(1, 9999), st.integers(1, 64)),
    st.builds(Target, st.ip_addresses().map(str), st.integers(1, 65535), st.sampled_from(list(SlotState))),
)


@given(st.dictionaries(WORD, WORD))
def test_a_map_file_reads_back_as_written(entries: dict[str, str]) -> None:
    assert parse_map(map_text(entries)) == entries


@given(SLOTS)
def test_a_server_state_file_reads_back_as_written(slots: dict[SlotName, Target]) -> None:
    read = parse.slot_states(servers_text(slots), {})
    assert {name: Target(slot.address, slot.port, slot.state) for name, slot in read.items()} == {
        name: target for name, target in slots.items() if target.state is not SlotState.maint
    }


@given(tables())
def test_the_stored_book_and_table_read_back_as_written(table: list[RouteApp]) -> None:
    result = assign(Book(), [], table, POOL, Model(POOL).seen().quiet())
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder) / "ingress")
        files.prepare()
        files.save(result.book, result.apps, picture(result.book, result.apps))
        stored = Files(files.folder).load()
    assert (stored.book, stored.apps) == (result.book, result.apps)


def test_files_are_ours_alone_and_no_half_file_is_left(tmp_path: Path) -> None:
    files = Files(tmp_path / "ingress")
    files.prepare()
    files.save(Book(), [], picture(Book(), []))
    assert files.probe_secret() == Files(files.folder).probe_secret()
    assert {path.stat().st_mode & 0o777 for path in files.folder.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in files.folder.rglob("*") if path.is_dir()} == {0o700}
    assert list(files.folder.rglob("*.new")) == []


def test_a_file_that_cannot_be_written_names_it(tmp_path: Path) -> None:
    files = Files(tmp_path / "nowhere")
    with pytest.raises(IngressError, match=r"write .*routes.json: No such file or directory"):
        files.save(Book(), [], picture(Book(), []))


def test_answers_of_a_batch_are_told_apart() -> None:
    reply = "\n\nentry not found.\n\nno need to change the addr, port changed from '1' to '2' by 'stats socket command'\n\n\n"
    assert split_replies(reply) == [
        "",
        "",
        "entry not found.",
        "no need to change the addr, port changed from '1' to '2' by 'stats socket command'",
        "",
    ]


@pytest.mark.parametrize(
    ("reply", "accepted"),
    [
        ("", True),
        ("no need to change the addr, port changed from '1' to '2' by 'stats socket command'", True),
        ("IP changed from '127.0.0.1' to '10.0.0.1', port changed from '1' to '2' by 'stats socket command'", True),
        ("No such server.", False),
        ("Invalid addr format.", False),
    ],
)
def test_only_known_answers_to_an_address_count_as_success(reply: str, accepted: bool) -> None:
    assert set_address(SlotName("p0001", "s1"), "10.0.0.1", 2).accepts(reply) is accepted
    assert Command("set server p0001/s1 state ready", "p0001").accepts(reply) is (reply == "")


def test_unknown_answers_are_errors() -> None:
    with pytest.raises(IngressError, match="read a map"):
        parse.map_entries("Unknown map identifier. Please use #<id> or <file>.\n\n")
    with pytest.raises(IngressError, match="count connections"):
        parse.used_connections("p0001/s1 3/1\n")
    with pytest.raises(IngressError, match="count requests"):
        parse.current_requests("No such proxy.\n")


def test_duplicates_of_a_map_are_seen_in_order() -> None:
    assert parse.map_entries("0x7f00 a b\n0x7f01 a c\n\n") == (("a", "b"), ("a", "c"))


@pytest.mark.parametrize(
    ("head", "status", "seen"),
    [
        (b"HTTP/1.1 200 OK\r\nx-wisehosting-deployment: 12\r\n\r\n", 200, 12),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", 404, None),
        (b"HTTP/1.1 200\r\nX-WiseHosting-Deployment: none\r\n\r\n", 200, None),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 0, None),
    ],
)
def test_a_probe_reads_status_and_number(head: bytes, status: int, seen: int | None) -> None:
    result = read_head(head, "d")
    assert (result.status, result.seen) == (status, seen)
    assert bool(result.detail) is (status == 0)


def test_connections_follow_from_the_limit_on_open_files() -> None:
    assert max_connections(resource.RLIM_INFINITY, Pool(64, 8)) == 20_000
    assert max_connections(1_000_000, Pool(64, 8)) == 20_000
    assert 9_000 < max_connections(20_000, Pool(64, 8)) < 9_700
    with pytest.raises(ConfigurationError, match="LimitNOFILE"):
        max_connections(512, Pool(64, 8))


@pytest.mark.parametrize(
    ("folder", "address", "port", "message"),
    [
        ("/a b", "127.0.0.1", 80, "cannot hold HAProxy's files"),
        ("relative", "127.0.0.1", 80, "cannot hold HAProxy's files"),
        ("/" + "x" * 100, "127.0.0.1", 80, "at most"),
        ("/s", "localhost", 80, "is no IP address"),
        ("/s", "127.0.0.1", 0, "is no port"),
    ],
)
def test_a_setting_haproxy_cannot_take_is_refused(folder: str, address: str, port: int, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        render(Path(folder), address, port, Pool(1, 1))


def test_the_mark_changes_with_pool_and_address_and_with_nothing_else() -> None:
    first = render(Path("/s"), "127.0.0.1", 8080, Pool(2, 2))
    assert render(Path("/s"), "127.0.0.1", 8080, Pool(2, 2)) == first
    assert f"description {first.mark}\n" in first.config
    marks = {
        first.mark,
        render(Path("/s"), "127.0.0.1", 8080, Pool(3, 2)).mark,
        render(Path("/s"), "127.0.0.1", 8080, Pool(2, 3)).mark,
        render(Path("/s"), "::1", 8080, Pool(2, 2)).mark,
    }
    assert len(marks) == 4


def test_pages_stand_alone_and_know_light_and_dark() -> None:
    pages = render(Path("/s"), "127.0.0.1", 8080, Pool(1, 1)).pages
    assert set(pages) == set(PAGES)
    for name, page in pages.items():
        assert PAGES[name].title in page.replace("&#39;", "'")
        assert "prefers-color-scheme: dark" in page
        assert "http:" not in page
        assert "<script" not in page
        assert len(page) < 8000


def test_a_deadline_counts_from_the_first_mark_and_is_forgotten_with_the_deployment() -> None:
    now = [0.0]
    drains = Drains(30, lambda: now[0])
    drains.keep(["d"])
    now[0] = 29
    drains.keep(["d", "e"])
    assert not drains.past("d")
    now[0] = 30
    assert drains.past("d")
    assert not drains.past("e")
    drains.cut("d", 2)
    assert drains.closed("d") == 2
    drains.keep(["e"])
    drains.keep(["d", "e"])
    assert not drains.past("d")
    assert drains.closed("d") == 0
