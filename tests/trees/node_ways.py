"""Trees of JavaScript in the ways people leave them: pins that a manager refuses, ports in scripts, leftovers of adapters."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
NODE = [f"{OURS}node-build:24", f"{OURS}node:24"]
NPM = {"package-lock.json": '{"lockfileVersion": 3}', "server.js": ""}
PNPM = {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "server.js": ""}
PNPM_INSTALL = "pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm"

CASES = {
    "a pnpm of engines": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"pnpm": "^9"}, "dependencies": {"express": "^4"}}',
            **PNPM,
        },
        summary="Node 24, pnpm ^9, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "a pnpm of engines that many satisfy": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"pnpm": ">=8 || 7"}, "dependencies": {"express": "^4"}}',
            **PNPM,
        },
        summary="Node 24, pnpm, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "a pnpm of engines that is below the lock file's": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"pnpm": ">=9 <10"}, "dependencies": {"express": "^4"}}',
            **PNPM,
        },
        summary="Node 24, pnpm 9, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "engines of pnpm that are no version": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"pnpm": "$(id)"}, "dependencies": {"express": "^4"}}',
            **PNPM,
        },
        summary="Node 24, pnpm, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "a pnpm of volta": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "volta": {"pnpm": "9.1.0"}, "dependencies": {"express": "^4"}}',
            **PNPM,
        },
        summary="Node 24, pnpm 9.1.0, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "a manager of devEngines": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "devEngines": {"packageManager": {"name": "pnpm", "version": "9.1.0"}}, "dependencies": {"express": "^4"}}',
            **NPM,
            **PNPM,
        },
        summary="Node 24, pnpm 9.1.0, Express, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
        notes=["package-lock.json is not used: pnpm is, by package.json, devEngines."],
    ),
    "classic yarn with a pinned node": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": "20.11.0"}, "dependencies": {"express": "^4"}}',
            "yarn.lock": "# yarn lockfile v1\n",
        },
        summary="Node 20, yarn, Express, starts with node server.js",
        images=[f"{OURS}node-build:20", f"{OURS}node:20"],
        install="yarn install --frozen-lockfile --ignore-engines --cache-folder /root/.cache/yarn",
    ),
    "yarn 3, which cannot prune": Case(
        files={
            "package.json": '{"scripts": {"start": "node dist/a.js", "build": "tsc"}, "packageManager": "yarn@3.6.4", "dependencies": {"express": "^4"}, "devDependencies": {"typescript": "5"}}',
            "yarn.lock": "__metadata:\n",
            ".yarnrc.yml": "nodeLinker: node-modules\n",
        },
        summary="Node 24, yarn 3.6.4, Express, starts with node dist/a.js",
        images=NODE,
        install="yarn install --immutable",
        build="yarn run build",
        notes=[
            "Yarn 3.6.4 takes development dependencies away only with its plugin workspace-tools, so all of them stay"
        ],
    ),
    "yarn 3 with its plugin": Case(
        files={
            "package.json": '{"scripts": {"start": "node dist/a.js", "build": "tsc"}, "packageManager": "yarn@3.6.4", "dependencies": {"express": "^4"}, "devDependencies": {"typescript": "5"}}',
            "yarn.lock": "__metadata:\n",
            ".yarnrc.yml": "nodeLinker: node-modules\n",
            ".yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs": "",
        },
        summary="Node 24, yarn 3.6.4, Express, starts with node dist/a.js",
        images=NODE,
        install="yarn install --immutable",
        build="yarn run build",
    ),
    "versions that disagree": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": "18"}}',
            ".nvmrc": "20",
            "server.js": "",
        },
        summary="Node 20, starts with node server.js",
        images=[f"{OURS}node-build:20", f"{OURS}node:20"],
        notes=[
            ".nvmrc asks for Node 20, and package.json, engines for 18: Node 20 was taken. Make them agree, or a tool may refuse it."
        ],
    ),
    "versions that say the same": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": ">=18"}, "volta": {"node": "22.3.0"}}',
            ".nvmrc": "lts/jod",
            "server.js": "",
        },
        summary="Node 22, starts with node server.js",
        images=[f"{OURS}node-build:22", f"{OURS}node:22"],
    ),
    "a setting against engines": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": "20"}}',
            ".nvmrc": "18",
            "server.js": "",
        },
        asked=BuildSettings(version="22"),
        summary="Node 22, starts with node server.js",
        images=[f"{OURS}node-build:22", f"{OURS}node:22"],
        notes=["build.version asks for Node 22, and package.json, engines for 20: Node 22 was taken."],
    ),
    "next with a port": Case(
        files={
            "package.json": '{"scripts": {"build": "next build", "start": "next start -p 3000"}, "dependencies": {"next": "15"}}',
            **NPM,
        },
        summary="Node 24, npm, Next.js, starts with next start",
        images=NODE,
        install="npm ci",
        build="npm run build",
        notes=["The start script sets PORT=3000; the platform's own PORT is used."],
    ),
    "next with a port by its long name": Case(
        files={
            "package.json": '{"scripts": {"build": "next build", "start": "NODE_OPTIONS=--inspect next start --port=4000 --keepAliveTimeout 70000"}, "dependencies": {"next": "15"}}',
            **NPM,
        },
        summary="Node 24, npm, Next.js, starts with env NODE_OPTIONS=--inspect next start --keepAliveTimeout 70000",
        images=NODE,
        install="npm ci",
        build="npm run build",
        notes=["The start script sets PORT=4000; the platform's own PORT is used."],
    ),
    "a port of a program that is not next": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js -p 3000"}, "dependencies": {"express": "4"}}',
            **NPM,
        },
        summary="Node 24, npm, Express, starts with node server.js -p 3000",
        images=NODE,
        install="npm ci",
    ),
    "sveltekit with two adapters": Case(
        files={
            "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-static": "3", "@sveltejs/adapter-node": "5"}}',
            "svelte.config.js": "import adapter from '@sveltejs/adapter-node';\n",
            **NPM,
        },
        summary="Node 24, npm, SvelteKit, starts with node build",
        images=NODE,
        install="npm ci",
        build="npm run build",
    ),
    "sqlite under pnpm, which runs no scripts": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"better-sqlite3": "11", "bcrypt": "^6"}}',
            **PNPM,
        },
        summary="Node 24, pnpm, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
        notes=[
            "pnpm runs install scripts only of packages that are allowed to, and better-sqlite3 is built by one. Run `pnpm approve-builds`, and commit what it writes."
        ],
    ),
    "sqlite that may run its scripts": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"better-sqlite3": "11", "bcrypt": "5"}, "pnpm": {"onlyBuiltDependencies": ["bcrypt"]}}',
            "pnpm-workspace.yaml": "onlyBuiltDependencies:\n  - better-sqlite3\n",
            **PNPM,
        },
        summary="Node 24, pnpm, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "sqlite that a map allows": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"better-sqlite3": "11"}}',
            "pnpm-workspace.yaml": "allowBuilds:\n  better-sqlite3: true\n",
            **PNPM,
        },
        summary="Node 24, pnpm, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "sqlite under an older pnpm": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "packageManager": "pnpm@9.1.0", "dependencies": {"better-sqlite3": "11"}}',
            **PNPM,
        },
        summary="Node 24, pnpm 9.1.0, starts with node server.js",
        images=NODE,
        install=PNPM_INSTALL,
    ),
    "what npm compiles needs nothing more": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"better-sqlite3": "11", "bcrypt": "5", "sharp": "0.33"}}',
            **NPM,
        },
        summary="Node 24, npm, starts with node server.js",
        images=NODE,
        install="npm ci",
    ),
    "puppeteer with a browser that is asked for": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"puppeteer": "22"}}',
            **NPM,
        },
        asked=BuildSettings(packages=("chromium",)),
        summary="Node 24, npm, starts with node server.js",
        images=NODE,
        install="npm ci",
        packages=["chromium"],
    ),
    "playwright with a browser that is asked for": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"playwright": "1"}}',
            **NPM,
        },
        asked=BuildSettings(packages=("chromium",)),
        summary="Node 24, npm, starts with node server.js",
        images=NODE,
        install="npm ci",
        packages=["chromium"],
        notes=[
            "playwright looks for a browser of its own. Start Debian's: launch({ executablePath: '/usr/bin/chromium' })."
        ],
    ),
    "nest as its template starts it": Case(
        files={
            "package.json": '{"scripts": {"build": "nest build", "start": "nest start", "start:prod": "node dist/main"}, "dependencies": {"@nestjs/core": "11"}, "devDependencies": {"@nestjs/cli": "11"}}',
            "package-lock.json": "{}",
        },
        summary="Node 24, npm, NestJS, starts with node dist/main",
        images=NODE,
        install="npm ci",
        build="npm run build",
    ),
    "nest without a script for production": Case(
        files={
            "package.json": '{"scripts": {"build": "nest build", "start": "nest start"}, "dependencies": {"@nestjs/core": "11"}, "devDependencies": {"@nestjs/cli": "11"}}',
            "package-lock.json": "{}",
        },
        summary="Node 24, npm, NestJS, starts with node dist/main",
        images=NODE,
        install="npm ci",
        build="npm run build",
        notes=["The start script builds at each start; it is built once, and only started afterwards."],
    ),
    "astro in a server of one's own": Case(
        files={
            "package.json": '{"scripts": {"build": "astro build", "start": "astro dev"}, "dependencies": {"astro": "5", "@astrojs/node": "9", "express": "4"}}',
            "astro.config.mjs": "adapter: node({\n  mode: 'middleware',\n}),",
            **NPM,
        },
        summary="Node 24, npm, Astro, Express, starts with node server.js",
        images=NODE,
        install="npm ci",
        build="npm run build",
    ),
    "angular that renders all pages while it is built": Case(
        files={
            "package.json": '{"scripts": {"start": "ng serve", "build": "ng build"}, "dependencies": {"@angular/core": "20"}}',
            "package-lock.json": "{}",
            "angular.json": '{"projects": {"a": {"architect": {"build": {"builder": "@angular/build:application", "options": {"outputMode": "static", "server": "src/main.server.ts"}}}}}}',
        },
        summary="Node 24, npm, Angular, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "bun with a script for writing code only": Case(
        files={
            "package.json": '{"module": "src/index.js", "scripts": {"dev": "bun run --watch src/index.ts"}, "dependencies": {"elysia": "1"}}',
            "bun.lock": "{}",
            "src/index.ts": "",
        },
        summary="Node 24, bun, Elysia, starts with bun src/index.ts",
        images=[f"{OURS}node-build:24", f"{OURS}bun:1"],
        install="bun install --frozen-lockfile",
        notes=[
            "The dev script starts again at each change of a file, which is for writing code: bun src/index.ts is started"
        ],
    ),
    "bun without any script": Case(
        files={"package.json": '{"module": "index.ts"}', "bun.lock": "{}", "index.ts": ""},
        summary="Node 24, starts with bun run index.ts",
        images=[f"{OURS}node-build:24", f"{OURS}bun:1"],
    ),
    "deno by its lock file": Case(
        files={"deno.lock": "{}", "main.ts": ""},
        summary="Deno 2, locked dependencies, starts with deno run --allow-all main.ts",
        images=[f"{OURS}deno:2"],
        install="deno cache --frozen main.ts",
    ),
    "deno by what its main file calls": Case(
        files={"main.ts": 'Deno.serve(() => new Response("hello"));\n'},
        summary="Deno 2, starts with deno run --allow-all main.ts",
        images=[f"{OURS}deno:2"],
        install="deno cache main.ts",
    ),
    "a deno lock file that is left over": Case(
        files={
            "deno.lock": "{}",
            "main.ts": "Deno.serve()",
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"koa": "2"}}',
            **NPM,
        },
        summary="Node 24, npm, Koa, starts with node server.js",
        images=NODE,
        install="npm ci",
    ),
}
REFUSED = {
    "sveltekit whose configuration names another adapter": (
        {
            "package.json": '{"devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-auto": "3", "@sveltejs/adapter-node": "5"}}',
            "svelte.config.js": "import adapter from '@sveltejs/adapter-auto';\n",
        },
        "SvelteKit is set up without an adapter for a server of one's own. Run `npm install --save-dev @sveltejs/adapter-node` (or @sveltejs/adapter-static for a site without a server), name it in svelte.config.js, and push.",
    ),
}
