"""The app that is deployed again and again: 20 files of Python, its dependency in a layer of its own."""

import io
import zipfile

CONTAINERFILE = """\
FROM localhost/wisehosting/python:3.13
WORKDIR /app
COPY requirements.txt ./
COPY vendor vendor
RUN pip install --no-index --find-links vendor -r requirements.txt
COPY . .
USER 1000
CMD ["python3", "app.py"]
"""
APP = """\
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import greeting
import parts
from version import VERSION


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{greeting.WORD} {VERSION} {os.environ.get('SEASON', '')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
"""
MODULES = 14


def files(version: str) -> dict[str, str | bytes]:
    """Return all 20 files, at this version."""
    names = [f"part_{number:02d}" for number in range(MODULES)]
    found: dict[str, str | bytes] = {
        "Containerfile": CONTAINERFILE,
        "requirements.txt": "greeting==1.0\n",
        "vendor/greeting-1.0-py3-none-any.whl": _wheel(),
        "app.py": APP,
        "parts/__init__.py": "".join(f"from parts import {name}\n" for name in names),
        **change(version),
    }
    found |= {f"parts/{name}.py": f'"""Part of the app."""\n\nNAME = "{name}"\n' for name in names}
    return found


def change(version: str) -> dict[str, str | bytes]:
    """Return the one line that a push changes."""
    return {"version.py": f'VERSION = "{version}"\n'}


def _wheel() -> bytes:
    """A dependency that needs no network: the benchmark is of deploying, not of package servers."""
    about = "greeting-1.0.dist-info"
    content = {
        "greeting.py": 'WORD = "hello"\n',
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*content, f"{about}/RECORD"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        for name, text in {**content, f"{about}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()
