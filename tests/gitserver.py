"""A real Git server on loopback: git's own http-backend behind a threaded CGI server.

with GitServer(tmp_path) as server:
    url = server.repository("app", {"Containerfile": "FROM …"})   # http://127.0.0.1:PORT/app.git
    commit = server.push("app", {"index.html": "new"})
"""

import os
import subprocess
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

BACKEND = "/usr/lib/git-core/git-http-backend"
IDENTITY = ("-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")


class GitServer:
    """Serves every repository below `root` at http://127.0.0.1:PORT/NAME.git. Binds a free port."""

    def __init__(self, root: Path, address: str = "127.0.0.1") -> None:
        self.root = root / "served"
        self.work = root / "work"
        self.root.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(parents=True, exist_ok=True)
        self.requests: list[str] = []
        """Request lines as they came: `GET /app.git/info/refs?…`."""
        self.private: set[str] = set()
        """Names that answer 401."""
        self.redirects: dict[str, str] = {}
        """Name to address: answered 301."""
        self.stalled: set[str] = set()
        """Names that never answer."""
        self.waits: list[str] = []
        """Request lines that were never answered."""
        self._released = threading.Event()
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}.git"

    def repository(
        self,
        name: str,
        files: dict[str, str | bytes] | Path | None = None,
        *,
        branch: str = "main",
        private: bool = False,
    ) -> str:
        """Make a repository; `files` is a mapping of names to contents, a folder to copy, or None for an empty one."""
        bare = self.root / f"{name}.git"
        self._git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(bare))
        clone = self.work / name
        self._git("init", "--quiet", f"--initial-branch={branch}", str(clone))
        self._git("-C", str(clone), "remote", "add", "origin", str(bare))
        if private:
            self.private.add(name)
        if isinstance(files, Path):
            files = {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*") if path.is_file()}
        if files is not None:
            self.push(name, files, branch=branch)
        return self.url(name)

    def push(
        self,
        name: str,
        files: dict[str, str | bytes],
        *,
        links: dict[str, str] | None = None,
        branch: str = "main",
        subject: str = "Change the app.",
    ) -> str:
        """Write files and symbolic links, commit, push (forced). The new commit."""
        clone = self.work / name
        self._git("-C", str(clone), "checkout", "--quiet", "-B", branch)
        for path, content in files.items():
            target = clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        for path, target_text in (links or {}).items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).unlink(missing_ok=True)
            (clone / path).symlink_to(target_text)
        self._git("-C", str(clone), "add", "--all", "--force")
        self._git("-C", str(clone), *IDENTITY, "commit", "--quiet", "--allow-empty", "-m", subject)
        self._git("-C", str(clone), "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return self.head(name, branch)

    def add_submodule(self, name: str, path: str, url: str, commit: str, *, listed: bool = True) -> str:
        """Put another repository's commit at a path, as `git submodule add` does, and push. The new commit."""
        clone = self.work / name
        (clone / path).mkdir(parents=True, exist_ok=True)
        self._git("-C", str(clone), "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
        if listed:
            for key, value in (("path", path), ("url", url)):
                self._git("-C", str(clone), "config", "-f", ".gitmodules", f"submodule.{path}.{key}", value)
            self._git("-C", str(clone), "add", ".gitmodules")
        self._git("-C", str(clone), *IDENTITY, "commit", "--quiet", "-m", f"Add {path}.")
        self._git("-C", str(clone), "push", "--quiet", "--force", "origin", "HEAD:refs/heads/main")
        return self.head(name)

    def push_large(self, name: str, files: dict[str, bytes], url: str) -> str:
        """Push files through the real git-lfs client to the server of large files at `url`. The new commit."""
        clone = str(self.work / name)
        self._git("-C", clone, "lfs", "install", "--local")
        self._git("-C", clone, "config", "-f", f"{clone}/.lfsconfig", "lfs.url", url)
        self._git("-C", clone, "config", "lfs.locksverify", "false")
        for path in files:
            self._git("-C", clone, "lfs", "track", path)
        return self.push(name, dict(files))

    def head(self, name: str, branch: str = "main") -> str:
        return self._git("-C", str(self.root / f"{name}.git"), "rev-parse", f"refs/heads/{branch}").strip()

    def git(self, name: str, *arguments: str) -> str:
        """Run git in the served repository, for states that a push does not make."""
        return self._git("-C", str(self.root / f"{name}.git"), *IDENTITY, *arguments)

    @staticmethod
    def _git(*arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        done = subprocess.run(["git", *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - the class closes over the server
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                server.requests.append(self.requestline)

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                path, _, query = self.path.partition("?")
                name = path.lstrip("/").partition(".git")[0]
                if name in server.stalled:
                    server.waits.append(self.requestline)
                    server._released.wait(60)
                    return
                if name in server.redirects:
                    self.send_response(HTTPStatus.MOVED_PERMANENTLY)
                    self.send_header("Location", server.redirects[name] + path[len(f"/{name}.git") :] + "?" + query)
                    self.end_headers()
                    return
                if name in server.private:
                    self.send_response(HTTPStatus.UNAUTHORIZED)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.end_headers()
                    return
                self._backend(path, query)

            def _backend(self, path: str, query: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                environment = {
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(server.root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory",
                    "GIT_CONFIG_VALUE_0": "*",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "REMOTE_ADDR": self.client_address[0],
                }
                done = subprocess.run([BACKEND], input=body, env=environment, capture_output=True, check=False)
                head, _, rest = done.stdout.partition(b"\r\n\r\n")
                fields = [line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line]
                status = next((int(value.split()[0]) for key, value in fields if key == b"Status"), 200)
                try:
                    self.send_response(status if done.stdout else HTTPStatus.INTERNAL_SERVER_ERROR)
                    for key, value in fields:
                        if key != b"Status":
                            self.send_header(key.decode(), value.decode())
                    self.end_headers()
                    self.wfile.write(rest)
                except ConnectionError:
                    return  # the client was killed by its own limit

        return Handler
