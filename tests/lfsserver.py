"""A server of large files (Git LFS batch API, basic transfers) on loopback; the real client pushes to it.

with LargeFiles(tmp_path) as large:
    server.push_large("app", {"model.bin": b"…"}, large.url("app"))
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

MEDIA = "application/vnd.git-lfs+json"


class LargeFiles:
    """Keeps objects by digest. Refuses what the specification refuses: other media types, operations and contents."""

    def __init__(self, root: Path) -> None:
        self.root = root / "large"
        self.root.mkdir(parents=True)
        self.requests: list[str] = []
        self.lies: dict[str, bytes] = {}
        """Digest to what is sent in its place."""
        self.sends_to: str = ""
        """Address that downloads are sent to instead."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/info/lfs"

    def _object(self, oid: str, size: int, operation: str) -> dict[str, Any]:
        here = (self.root / oid).exists()
        if operation == "upload":
            action = {"upload": {"href": f"{self.url}/objects/{oid}"}}
            return {"oid": oid, "size": size} | ({} if here else {"actions": action})
        if not here:
            return {"oid": oid, "size": size, "error": {"code": 404, "message": "Object does not exist"}}
        href = self.sends_to or f"{self.url}/objects/{oid}?signature=a%2Bb"
        return {"oid": oid, "size": size, "actions": {"download": {"href": href, "header": {"X-Given": "yes"}}}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                server.requests.append(self.requestline)

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                media = {self.headers["Accept"].partition(";")[0], self.headers["Content-Type"].partition(";")[0]}
                if media != {MEDIA} or asked.get("hash_algo", "sha256") != "sha256":
                    self._answer(422, b"{}")
                    return
                objects = [server._object(one["oid"], one["size"], asked["operation"]) for one in asked["objects"]]
                self._answer(200, json.dumps({"transfer": "basic", "objects": objects}).encode())

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                oid = self.path.rpartition("/")[2]
                if hashlib.sha256(content).hexdigest() != oid:
                    self._answer(422, b"{}")
                    return
                (server.root / oid).write_bytes(content)
                self._answer(200, b"")

            def do_GET(self) -> None:
                oid = self.path.rpartition("/")[2].partition("?")[0]
                if self.headers.get("X-Given") != "yes" or not self.path.endswith("?signature=a%2Bb"):
                    self._answer(403, b"")
                    return
                self._answer(200, server.lies.get(oid, (server.root / oid).read_bytes()))

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", MEDIA)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
