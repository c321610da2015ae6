"""Ready for the first who asks and for nobody else: it closes its port after one answer and stays up."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    answered = False

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        Handler.answered = True


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler) as server:
    while not Handler.answered:
        server.handle_request()
signal.pause()
