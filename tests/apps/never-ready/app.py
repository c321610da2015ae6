"""Answers 500, for ever."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(500, "not yet")


HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
