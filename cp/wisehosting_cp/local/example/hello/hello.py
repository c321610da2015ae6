"""Answers every request with a page that shows message.txt. Listens on $PORT, which the platform sets."""

import contextlib
import html
import http.server
import os
import signal
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>hello</title>
<meta name="viewport" content="width=device-width"><style>
body {{ font: 1.25rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1rem; color-scheme: light dark }}
code {{ font-size: .9em }}
</style></head><body><h1>{message}</h1>
<p>This page comes from a container that was built from a Git repository. Change <code>message.txt</code>, push, and reload.</p>
</body></html>
"""


class Hello(http.server.BaseHTTPRequestHandler):
    """One page for every path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the page."""
        message = html.escape(Path(__file__).with_name("message.txt").read_text().strip())
        body = PAGE.format(message=message).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until the platform says stop."""
    port = int(os.environ.get("PORT", "8080"))
    server = http.server.ThreadingHTTPServer(("", port), Hello)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"listening on {port}", flush=True)  # noqa: T201 - an app's log is its standard output
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
