"""A small web app: says hello, shows a variable, streams."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/env":
            name = parse_qs(asked.query)["name"][0]
            self.answer(json.dumps(os.environ.get(name)), "application/json")
        else:
            self.answer(Path("message.txt").read_text(), "text/plain; charset=utf-8")

    def answer(self, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


print("hello listens on", os.environ["PORT"], flush=True)  # noqa: T201 - a line for the log
ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
