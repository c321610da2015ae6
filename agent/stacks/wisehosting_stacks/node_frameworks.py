"""Frameworks of JavaScript: what they build, and whether it is a server or files for one."""

import posixpath
import re
from collections.abc import Callable

import msgspec

from wisehosting_stacks.node_package import Package
from wisehosting_stacks.plan import NotDetected
from wisehosting_stacks.tree import Tree, table, word

CONFIGS = ("ts", "mts", "js", "mjs", "cjs")


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """What a framework makes of a package, all paths below the package's folder."""

    title: str
    where: str = "package.json"
    build: str = ""
    """Program and arguments, for a package without a build script."""
    output: str = ""
    """Folder of files that are served; empty for a server."""
    fallback: str = ""
    """The file that unknown paths answer."""
    start: tuple[str, ...] = ()
    """argv of a server, for a package without a start script."""
    only: tuple[tuple[str, str], ...] = ()
    """What of the build a server needs: (from, to). Empty is all of the project, without what only the build needed."""
    settings: tuple[tuple[str, str], ...] = ()
    """Environment while it runs."""


EVERYWHERE = (("HOST", "0.0.0.0"),)  # noqa: S104 - inside a container, where the ingress reaches it


def framework(tree: Tree, package: Package) -> Framework | None:
    """The framework of a package; None for a plain program. Raises NotDetected for one that builds for another host."""
    for dependency, made in _KNOWN.items():
        if dependency in package:
            return made(tree, package)
    return None


def _config(tree: Tree, package: Package, name: str) -> tuple[str, str]:
    """(path, text) of a configuration file; both empty when there is none."""
    found = tree.first(*(posixpath.join(package.folder, f"{name}.{end}") for end in CONFIGS))
    return (found, tree.text(found)) if found else ("", "")


def _value(text: str, key: str) -> str:
    """The string that is given to a key in JavaScript; empty when it is computed or not there."""
    match = re.search(rf"^[^/\n]*\b{key}['\"]?\s*:\s*['\"]([^'\"\n]*)['\"]", text, re.MULTILINE)
    return match[1] if match else ""


def _false(text: str, key: str) -> bool:
    return re.search(rf"^[^/\n]*\b{key}['\"]?\s*:\s*false\b", text, re.MULTILINE) is not None


def _folder(text: str) -> str:
    """A folder below the package; empty for one that is not."""
    plain = posixpath.normpath(text) if text else ""
    return "" if plain.startswith(("..", "/")) or plain == "." else plain


def _next(tree: Tree, package: Package) -> Framework:
    path, text = _config(tree, package, "next.config")
    output = _value(text, "output")
    made = Framework(title="Next.js", where=path or "package.json", build="next build", start=("next", "start"))
    if output == "export":
        return msgspec.structs.replace(made, output=_folder(_value(text, "distDir")) or "out", start=())
    if output == "standalone" and not package.folder:
        return msgspec.structs.replace(
            made,
            start=("node", "server.js"),
            only=((".next/standalone/", ""), (".next/static", ".next/static"), ("public", "public")),
            settings=(("HOSTNAME", "0.0.0.0"),),  # noqa: S104 - inside a container, where the ingress reaches it
        )
    return made


def _nuxt(tree: Tree, package: Package) -> Framework:
    path, text = _config(tree, package, "nuxt.config")
    if (package.major("nuxt") or 3) < 3:
        return Framework(
            title="Nuxt 2",
            where=path or "package.json",
            build="nuxt build",
            start=("nuxt", "start"),
            settings=EVERYWHERE,
        )
    made = Framework(title="Nuxt", where=path or "package.json", build="nuxt build")
    generates = re.search(r"\bnux[it] generate\b", package.scripts.get("build", ""))
    if generates or _false(text, "ssr"):
        build = "nuxt build" if generates else "nuxt generate"
        return msgspec.structs.replace(made, build=build, output=".output/public", fallback="/200.html")
    return msgspec.structs.replace(
        made, start=("node", ".output/server/index.mjs"), only=((".output", ".output"),), settings=EVERYWHERE
    )


def _remix(tree: Tree, package: Package) -> Framework:
    vite, text = _config(tree, package, "vite.config")
    if _false(text, "ssr"):
        return Framework(
            title="Remix", where=vite, build="remix vite:build", output="build/client", fallback="/index.html"
        )
    served = "build/server/index.js" if vite else "build/index.js"
    return Framework(
        title="Remix",
        where=vite or "package.json",
        build="remix vite:build" if vite else "remix build",
        start=("remix-serve", served),
        settings=EVERYWHERE,
    )


def _react_router(tree: Tree, package: Package) -> Framework:
    path, text = _config(tree, package, "react-router.config")
    made = Framework(title="React Router", where=path or "package.json", build="react-router build")
    if _false(text, "ssr"):
        return msgspec.structs.replace(made, output="build/client", fallback="/index.html")
    return msgspec.structs.replace(made, start=("react-router-serve", "build/server/index.js"), settings=EVERYWHERE)


def _svelte_kit(tree: Tree, package: Package) -> Framework:
    path, text = _config(tree, package, "svelte.config")
    made = Framework(title="SvelteKit", where=path or "package.json", build="vite build")
    adapter = _adapter(text, package)
    if adapter == "static":
        fallback = _value(text, "fallback")
        return msgspec.structs.replace(
            made,
            output=_folder(_value(text, "pages")) or "build",
            fallback=f"/{fallback.lstrip('/')}" if fallback else "",
        )
    if adapter == "node":
        out = _folder(_value(text, "out")) or "build"
        return msgspec.structs.replace(made, start=("node", out), settings=EVERYWHERE)
    raise NotDetected(
        "SvelteKit is set up without an adapter for a server of one's own. Run `npm install --save-dev @sveltejs/adapter-node` "
        "(or @sveltejs/adapter-static for a site without a server), name it in svelte.config.js, and push."
    )


def _adapter(text: str, package: Package) -> str:
    """`static` or `node`: the one that the configuration names; where it names none, the one that is there."""
    named = re.search(r"""^[^/\n]*['"]@sveltejs/adapter-(\w+)['"]""", text, re.MULTILINE)
    there = [one for one in ("static", "node") if f"@sveltejs/adapter-{one}" in package]
    if named:
        return named[1] if named[1] in there else ""
    return there[0] if there else ""


def _astro(tree: Tree, package: Package) -> Framework:
    path, text = _config(tree, package, "astro.config")
    made = Framework(title="Astro", where=path or "package.json", build="astro build")
    out = _folder(_value(text, "outDir")) or "dist"
    if "@astrojs/node" in package:
        if _value(text, "mode") == "middleware":  # it does not listen: a server of the project's own does
            return made
        return msgspec.structs.replace(made, start=("node", f"./{out}/server/entry.mjs"), settings=EVERYWHERE)
    if _value(text, "output") in {"server", "hybrid"}:
        raise NotDetected(
            "Astro renders on a server here, and its adapter for Node is not installed. Run `npx astro add node`, and push."
        )
    return msgspec.structs.replace(made, output=out)


def _angular(tree: Tree, package: Package) -> Framework:
    path = posixpath.join(package.folder, "angular.json")
    projects = table(tree.json(path), "projects")
    name = word(tree.json(path), "defaultProject") or next(iter(projects), package.name)
    options = table(projects, name, "architect", "build", "options")
    builder = word(projects, name, "architect", "build", "builder")
    said = options.get("outputPath")
    base = said if isinstance(said, str) else word(options, "outputPath", "base")
    out = _folder(base) or f"dist/{name}"
    made = Framework(title="Angular", where=path if path in tree else "package.json", build="ng build")
    if (options.get("ssr") or options.get("server")) and word(options, "outputMode") != "static":
        return msgspec.structs.replace(made, start=("node", f"{out}/server/server.mjs"))
    inner = f"{out}/browser" if builder.endswith(":application") else out
    return msgspec.structs.replace(made, output=inner, fallback="/index.html")


def _site(title: str, build: str, output: str, config: str = "", key: str = "", fallback: str = "") -> "Maker":
    """A framework that makes files, in a folder that its configuration may name."""

    def make(tree: Tree, package: Package) -> Framework:
        path, text = _config(tree, package, config) if config else ("", "")
        said = _folder(_value(text, key)) if key else ""
        return Framework(
            title=title, where=path or "package.json", build=build, output=said or output, fallback=fallback
        )

    return make


def _documents(title: str, program: str) -> "Maker":
    """VitePress and VuePress: the folder of their sources is an argument of the build script."""

    def make(tree: Tree, package: Package) -> Framework:
        line = " ".join(package.scripts.values())
        match = re.search(rf"\b{program} build\s+(?!-)([\w./-]+)", line)
        folder = (
            _folder(match[1]) if match else next((one for one in ("docs",) if tree.has_folder(f"{one}/.{program}")), "")
        )
        script = next((name for name, text in package.scripts.items() if re.search(rf"\b{program} build\b", text)), "")
        return Framework(
            title=title,
            build=f"{program} build {folder}".strip() if script in {"", "build"} else f"run {script}",
            output=posixpath.join(folder, f".{program}", "dist"),
        )

    return make


def _vite(tree: Tree, package: Package) -> Framework:
    """Vite alone: a single-page app, or pages."""
    path, text = _config(tree, package, "vite.config")
    titles = (("@vitejs/plugin-react", "React"), ("@vitejs/plugin-react-swc", "React"), ("@vitejs/plugin-vue", "Vue"))
    more = (("@sveltejs/vite-plugin-svelte", "Svelte"), ("solid-js", "Solid"), ("preact", "Preact"), ("lit", "Lit"))
    title = next((name for dependency, name in (*titles, *more) if dependency in package), "")
    pages = re.search(r"\b(rollupOptions|appType\s*:\s*['\"]mpa)", text) is not None
    return Framework(
        title=f"Vite with {title}" if title else "Vite",
        where=path or "package.json",
        build="vite build",
        output=_folder(_value(text, "outDir")) or "dist",
        fallback="" if pages else "/index.html",
    )


Maker = Callable[[Tree, Package], Framework]
_KNOWN: dict[str, Maker] = {
    "next": _next,
    "nuxt": _nuxt,
    "nuxt3": _nuxt,
    "@sveltejs/kit": _svelte_kit,
    "@react-router/dev": _react_router,
    "@remix-run/dev": _remix,
    "astro": _astro,
    "gatsby": _site("Gatsby", "gatsby build", "public"),
    "@docusaurus/core": _site("Docusaurus", "docusaurus build", "build"),
    "vitepress": _documents("VitePress", "vitepress"),
    "vuepress": _documents("VuePress", "vuepress"),
    "@11ty/eleventy": _site("Eleventy", "eleventy", "_site"),
    "@angular/core": _angular,
    "react-scripts": _site("Create React App", "react-scripts build", "build", fallback="/index.html"),
    "@vue/cli-service": _site("Vue CLI", "vue-cli-service build", "dist", "vue.config", "outputDir", "/index.html"),
    "@rsbuild/core": _site("Rsbuild", "rsbuild build", "dist", fallback="/index.html"),
    "vite": _vite,
    "parcel": _site("Parcel", "parcel build", "dist", fallback="/index.html"),
}
"""By the dependency that gives a framework away; the first that is there is the one: most of them bring Vite."""

SERVERS = {
    "@nestjs/core": "NestJS",
    "fastify": "Fastify",
    "koa": "Koa",
    "hono": "Hono",
    "elysia": "Elysia",
    "@hapi/hapi": "hapi",
    "express": "Express",
}
"""Libraries for servers, for the words of a plan; Nest brings Express."""
