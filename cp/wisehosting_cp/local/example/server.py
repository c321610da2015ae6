"""Git's smart HTTP by `git http-backend`, run as the unprivileged git user. Loopback only; no sign-in, so no secrets in it."""

import asyncio
import pwd
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wisehosting_cp.local.example.repository import ENVIRONMENT, NAME

BODY_BYTES = 32 * 1024 * 1024
SECONDS = 60.0
PATHS = {
    ("GET", "info/refs"),
    ("POST", "git-upload-pack"),
    ("POST", "git-receive-pack"),
}


def create_git_server(folder: Path, owner: pwd.struct_passwd) -> Starlette:
    """Serve `hello.git` of the folder; clone, fetch and push. The port must be bound to loopback."""

    async def serve(request: Request) -> Response:
        # a page elsewhere could point its own name at this port
        if request.url.hostname not in {"127.0.0.1", "localhost"}:
            return PlainTextResponse("This server answers to 127.0.0.1 and localhost only.\n", 421)
        if (request.method, request.path_params["path"]) not in PATHS:
            return PlainTextResponse("There is nothing here.\n", 404)
        return await _backend(request, folder, owner)

    return Starlette(routes=[Route(f"/{NAME}/{{path:path}}", serve, methods=["GET", "POST"])])


async def _backend(request: Request, folder: Path, owner: pwd.struct_passwd) -> Response:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return PlainTextResponse("This push is too large for the example repository.\n", 413)
    variables = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.receivepack",
        "GIT_CONFIG_VALUE_0": "true",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{NAME}/{request.path_params['path']}",
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=variables,
        cwd="/",
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, errors = await process.communicate(bytes(body))
    except TimeoutError:
        return PlainTextResponse("git took too long.\n", 504)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    head, separator, content = output.partition(b"\r\n\r\n")
    if process.returncode or not separator:
        return PlainTextResponse(f"git http-backend failed: {errors.decode(errors='replace')}\n", 500)
    return _response(head.decode("latin-1"), content)


def _response(head: str, content: bytes) -> Response:
    status, headers = 200, {}
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return Response(content, status, headers)
