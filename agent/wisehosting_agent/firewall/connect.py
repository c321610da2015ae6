"""Tries addresses from the network namespace it is started in. A program of its own: targets as JSON on stdin, results on stdout; stdlib only."""

import json
import secrets
import select
import socket
import sys
import time
from typing import Any

CONNECTED, REFUSED, UNREACHABLE, SILENT = "connected", "refused", "unreachable", "silent"


def connect(address: str, port: int, seconds: float) -> str:
    """TCP: `connected`, `refused` (something answered), `unreachable` (a router said no), `silent` (dropped)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds)
            connection.connect((address, port))
            return CONNECTED
    except TimeoutError:
        return SILENT
    except ConnectionRefusedError:
        return REFUSED
    except OSError:
        return UNREACHABLE


def ask(address: str, port: int, name: str, seconds: float) -> str:
    """DNS over UDP: `connected` when a server answered at all, whatever it said."""
    number = secrets.token_bytes(2)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label)
    query = number + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x00\x01\x00\x01"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.connect((address, port))
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                connection.send(query)
                readable, _, _ = select.select([connection], [], [], min(left, 0.5))
                if readable and connection.recv(512)[:2] == number:
                    return CONNECTED
            return SILENT
    except ConnectionRefusedError:
        return REFUSED
    except OSError:
        return UNREACHABLE


def attempt(target: dict[str, Any]) -> str:
    """One target: `{"name", "address", "port", "seconds"}`, with `query` for DNS."""
    if target.get("query"):
        return ask(target["address"], target["port"], target["query"], target["seconds"])
    return connect(target["address"], target["port"], target["seconds"])


def main() -> None:
    """All targets at once; `{name: outcome}` on stdout."""
    from concurrent.futures import ThreadPoolExecutor

    targets = json.load(sys.stdin)
    with ThreadPoolExecutor(max(1, len(targets))) as pool:
        outcomes = list(pool.map(attempt, targets))
    json.dump({target["name"]: outcome for target, outcome in zip(targets, outcomes, strict=True)}, sys.stdout)


if __name__ == "__main__":
    main()
