"""Trees of Nx: packages of a workspace, and apps that only a project.json tells of."""

import json
from typing import Any

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
NODE = [f"{OURS}node-build:24", f"{OURS}node:24"]
FILES = [f"{OURS}node-build:24", f"{OURS}static:1"]


def _root(**more: str) -> dict[str, str]:
    document = {
        "scripts": {"start": "nx serve", "build": "nx build"},
        "dependencies": {"express": "4"},
        "devDependencies": {"nx": "20"},
    }
    return {"package.json": json.dumps(document), "package-lock.json": "{}", "nx.json": "{}", **more}


def _app(name: str, executor: str, **options: Any) -> str:
    target = {"executor": executor, "options": options}
    return json.dumps({"name": name, "projectType": "application", "targets": {"build": target}})


API = _app("api", "@nx/webpack:webpack", target="node", outputPath="dist/apps/api")
SHOP = _app("shop", "@nx/vite:build", outputPath="dist/apps/shop")

CASES = {
    "nx with one server": Case(
        files=_root(**{"apps/api/project.json": API, "libs/a/project.json": '{"name": "a", "projectType": "library"}'}),
        summary="Node 24, npm, Nx app api, starts with node dist/apps/api/main.js",
        images=NODE,
        install="npm ci",
        build="npx nx run api:build",
    ),
    "nx with one site and its tests": Case(
        files=_root(
            **{
                "apps/shop/project.json": SHOP,
                "apps/shop-e2e/project.json": _app("shop-e2e", "@nx/cypress:cypress"),
            }
        ),
        summary="Node 24, npm, Nx app shop, unknown paths answer /index.html, served by nginx",
        images=FILES,
        install="npm ci",
        build="npx nx run shop:build",
    ),
    "nx with angular": Case(
        files=_root(**{"apps/shop/project.json": _app("shop", "@angular-devkit/build-angular:application")}),
        summary="Node 24, npm, Nx app shop, unknown paths answer /index.html, served by nginx",
        images=FILES,
        install="npm ci",
        build="npx nx run shop:build",
    ),
    "nx whose targets come from vite": Case(
        files=_root(
            **{
                "apps/shop/project.json": '{"name": "shop", "projectType": "application"}',
                "apps/shop/vite.config.ts": "build: {\n outDir: '../../dist/apps/shop',\n}",
            }
        ),
        summary="Node 24, npm, Nx app shop, unknown paths answer /index.html, served by nginx",
        images=FILES,
        install="npm ci",
        build="npx nx run shop:build",
    ),
    "nx with two apps and a start that names one": Case(
        files=_root(**{"apps/api/project.json": API, "apps/shop/project.json": SHOP}),
        asked=BuildSettings(start=("node", "dist/apps/api/main.js")),
        summary="Node 24, npm, Nx app api, starts with node dist/apps/api/main.js",
        images=NODE,
        install="npm ci",
        build="npx nx run api:build",
    ),
    "nx with two apps and an output that names one": Case(
        files=_root(**{"apps/api/project.json": API, "apps/shop/project.json": SHOP}),
        asked=BuildSettings(output="dist/apps/shop"),
        summary="Node 24, npm, Nx app shop, unknown paths answer /index.html, served by nginx",
        images=FILES,
        install="npm ci",
        build="npx nx run shop:build",
    ),
    "nx over packages of a workspace": Case(
        files={
            "package.json": '{"workspaces": ["apps/*", "packages/*"], "devDependencies": {"nx": "20"}}',
            "package-lock.json": "{}",
            "nx.json": "{}",
            "apps/api/package.json": '{"name": "@x/api", "scripts": {"build": "tsc", "start": "node dist/a.js"}, "dependencies": {"@x/lib": "*"}}',
            "packages/lib/package.json": '{"name": "@x/lib", "scripts": {"build": "tsc"}}',
        },
        summary="Node 24, npm, the package @x/api, starts with node dist/a.js",
        images=NODE,
        install="npm ci",
        build="npx nx run @x/api:build",
    ),
}
REFUSED = {
    "nx with two apps": (
        _root(**{"apps/api/project.json": API, "apps/shop/project.json": SHOP}),
        "The Nx workspace holds several apps: apps/api (a server), apps/shop (a site). Say which one is meant: set start to a line that names its files, such as node dist/apps/api/main.js, or output for a site, such as dist/apps/shop. Make a project for each of them.",
    ),
    "nx with an app that nothing is known of": (
        _root(**{"apps/x/project.json": _app("x", "@mine/tool:build")}),
        "The Nx app apps/x is built by @mine/tool:build, and what that makes is not known. Set build, such as npx nx run x:build, and start or output for what it makes.",
    ),
}
