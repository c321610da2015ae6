"""A web app that is unwell on request: it exits, eats memory, or answers 503 for a while. Its answers name the process."""

import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ME = os.urandom(8).hex()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sulks_until = 0.0

    def do_GET(self) -> None:
        self.answer(503 if time.monotonic() < Handler.sulks_until else 200)

    def do_POST(self) -> None:
        asked = urlsplit(self.path)
        self.answer(200)
        if asked.path == "/exit":
            print("asked to exit", flush=True)  # noqa: T201 - a line for the log
            threading.Timer(0.2, os._exit, [3]).start()
        elif asked.path == "/eat":
            threading.Thread(target=eat).start()
        elif asked.path == "/sulk":
            Handler.sulks_until = time.monotonic() + float(parse_qs(asked.query)["seconds"][0])

    def answer(self, status: int) -> None:
        body = ME.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def eat() -> None:
    eaten = []
    while True:
        eaten.append(b"x" * 4_000_000)
        time.sleep(0.01)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
