"""Static sites: files that a web server hands out."""

import re

from wisehosting_stacks.plan import Finding, Plan, Stack
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers, choose

IMAGE = "localhost/wisehosting/static:1"
START = ("nginx", "-c", "/etc/nginx/site.conf")
FOLDERS = ("public", "dist", "build", "_site", "docs")
"""Where an index.html is looked for when the project's folder has none."""
_HEADER = re.compile(r"([A-Za-z0-9-]+):\s*(.+)", re.DOTALL)
_PATTERN = re.compile(r"/[A-Za-z0-9._~%/*-]*\Z")


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """Files with an index.html, served as they are."""
    folder = asked.output.strip("/").removeprefix("./").removeprefix(".")
    if asked.output and not folder and "index.html" not in tree:
        return None
    if not folder and "index.html" not in tree:
        folder = next((place for place in FOLDERS if f"{place}/index.html" in tree), "")
        if not folder:
            return None
    elif folder and not tree.has_folder(folder):
        return None
    index = f"{folder}/index.html".lstrip("/")
    found = [Finding(what="a static site", where=index if index in tree else folder)]
    fallback = asked.fallback
    if fallback:
        found.append(Finding(what=f"unknown paths answer {fallback}", where="build.fallback"))
    headers = f"{folder}/_headers".lstrip("/")
    port = asked.port or 8080
    files = {
        "site.conf": site(
            tree.text(headers), fallback=fallback, port=port, not_found=f"{folder}/404.html".lstrip("/") in tree
        )
    }
    if headers in tree:
        found.append(Finding(what="headers", where=headers))
    text = render("static.Containerfile.j2", image=IMAGE, folder=folder or ".", port=port, start=START)
    return Plan(
        stack=Stack.static,
        version=choose("static", "nginx", "", "", offers),
        found=tuple(found),
        start=START,
        port=port,
        images=(IMAGE,),
        containerfile=text,
        files=files,
    )


def site(headers: str, *, fallback: str, port: int, not_found: bool) -> str:
    """Render nginx's configuration. `headers` is the text of a `_headers` file as Netlify and Cloudflare Pages read it."""
    return render("site.conf.j2", headers=by_name(headers), fallback=fallback, port=port, not_found=not_found)


def by_name(text: str) -> dict[str, list[tuple[str, str]]]:
    """(regular expression of a path, value) for each header of a `_headers` file; what is not understood is left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    path = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        if line[:1].strip():
            path = _regular(line.strip())
        elif path and (match := _HEADER.match(line.strip())):
            # Quoted for nginx: a value can neither end its string nor name a variable.
            value = match[2].replace("\\", "\\\\").replace('"', '\\"').replace("$", "")
            found.setdefault(match[1].lower(), []).append((path, value))
    return found


def _regular(pattern: str) -> str:
    """`/assets/*` as a regular expression; empty for what is no plain path."""
    return "^" + re.escape(pattern).replace(r"\*", ".*") + "$" if _PATTERN.match(pattern) else ""
