"""Trees of JavaScript programs, and the plans that follow."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"

CASES = {
    "express with a start script": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "express without a start script": Case(
        files={
            "package.json": '{"dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "index.js": "",
        },
        summary="Node 24, npm, Express, starts with node index.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "main names the file": Case(
        files={
            "package.json": '{"main": "./src/app", "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "src/app.js": "",
        },
        summary="Node 24, npm, Express, starts with node src/app.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "no lock file": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "server.js": "",
        },
        summary="Node 24, npm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm install",
        notes=["There is no lock file of npm: each build may install other versions. Commit package-lock.json."],
    ),
    "no dependencies at all": Case(
        files={"package.json": '{"scripts": {"start": "node server.js"}}', "server.js": ""},
        summary="Node 24, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
    ),
    "typescript built and started": Case(
        files={
            "package.json": '{"scripts": {"build": "tsc", "start": "node dist/index.js"}, "devDependencies": {"typescript": "^5"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "src/index.ts": "",
        },
        summary="Node 24, npm, Express, starts with node dist/index.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "started by tsx": Case(
        files={
            "package.json": '{"scripts": {"start": "tsx src/index.ts"}, "devDependencies": {"tsx": "^4"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "src/index.ts": "",
        },
        summary="Node 24, npm, Express, starts with tsx src/index.ts",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        notes=[
            "tsx is a development dependency and is needed to start, so all of them stay in the image. Move it to dependencies for a smaller one."
        ],
    ),
    "nodemon in the start script": Case(
        files={
            "package.json": '{"scripts": {"start": "nodemon server.js"}, "devDependencies": {"nodemon": "^3"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci --omit=dev",
        notes=[
            "The start script starts again at each change of a file, which is for writing code: node server.js is started instead."
        ],
    ),
    "start builds first": Case(
        files={
            "package.json": '{"scripts": {"start": "npm run build && node dist/main.js", "build": "nest build"}, "dependencies": {"@nestjs/core": "^10"}, "devDependencies": {"@nestjs/cli": "^10"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, NestJS, starts with node dist/main.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
        notes=["The start script builds at each start; it is built once, and only started afterwards."],
    ),
    "start sets a port": Case(
        files={
            "package.json": '{"scripts": {"start": "PORT=3000 node server.js"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        notes=["The start script sets PORT=3000; the platform's own PORT is used."],
    ),
    "start takes a shell": Case(
        files={
            "package.json": '{"scripts": {"start": "node migrate.js && node server.js"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, Express, starts with npm run start",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "a Procfile before the start script": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
            "Procfile": "web: node other.js\nworker: node work.js\n",
        },
        summary="Node 24, npm, Express, a Procfile, starts with node other.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        notes=["The Procfile's worker line is not run: processes beside web come with a later release."],
        processes={"worker": ["sh", "-c", "exec node work.js"]},
    ),
    "a setting before the Procfile": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "Procfile": "web: node other.js\n",
        },
        asked=BuildSettings(start=("node", "mine.js")),
        summary="Node 24, npm, Express, starts with node mine.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "pnpm by its lock file": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
            "server.js": "",
        },
        summary="Node 24, pnpm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm",
    ),
    "an old pnpm lock file": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "pnpm-lock.yaml": "lockfileVersion: 5.4\n",
            "server.js": "",
        },
        summary="Node 24, pnpm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm",
    ),
    "pnpm that is pinned": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "packageManager": "pnpm@9.1.0+sha512.abc", "dependencies": {"express": "^4"}}',
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
        },
        summary="Node 24, pnpm 9.1.0, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm",
    ),
    "two lock files": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, pnpm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm",
        notes=[
            "package-lock.json is not used: pnpm is, by pnpm-lock.yaml. Remove what is left over from another package manager."
        ],
    ),
    "two lock files and a pin": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "packageManager": "npm@10.2.0", "dependencies": {"express": "^4"}}',
            "yarn.lock": "",
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm 10.2.0, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        notes=[
            "yarn.lock is not used: npm is, by package.json, packageManager. Remove what is left over from another package manager."
        ],
    ),
    "classic yarn": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "yarn.lock": "# yarn lockfile v1\n",
        },
        summary="Node 24, yarn, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="yarn install --frozen-lockfile --cache-folder /root/.cache/yarn",
    ),
    "modern yarn with node_modules": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "packageManager": "yarn@4.1.0", "dependencies": {"express": "^4"}}',
            "yarn.lock": "__metadata:\n  version: 8\n",
            ".yarnrc.yml": "nodeLinker: node-modules\n",
        },
        summary="Node 24, yarn 4.1.0, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="yarn install --immutable",
    ),
    "modern yarn with plug and play": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "^4"}}',
            "yarn.lock": "__metadata:\n  version: 8\n",
            ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.5.1.cjs\n",
            ".yarn/releases/yarn-4.5.1.cjs": "",
        },
        summary="Node 24, yarn, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="yarn install --immutable",
    ),
    "bun by its lock file": Case(
        files={
            "package.json": '{"scripts": {"start": "bun run index.ts"}, "dependencies": {"express": "^4"}}',
            "bun.lock": "{}",
            "index.ts": "",
        },
        summary="Node 24, bun, Express, starts with bun run index.ts",
        images=[f"{OURS}node-build:24", f"{OURS}bun:1"],
        install="bun install --frozen-lockfile",
    ),
    "bun installs and node runs": Case(
        files={
            "package.json": '{"scripts": {"start": "node index.js"}, "dependencies": {"express": "^4"}}',
            "bun.lockb": "",
            "index.js": "",
        },
        summary="Node 24, bun, Express, starts with node index.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="bun install --frozen-lockfile",
    ),
    "next": Case(
        files={
            "package.json": '{"scripts": {"dev": "next dev", "build": "next build", "start": "next start"}, "dependencies": {"next": "15", "react": "19"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Next.js, starts with next start",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "next standalone": Case(
        files={
            "package.json": '{"scripts": {"build": "next build"}, "dependencies": {"next": "15"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "next.config.js": "module.exports = { output: 'standalone' }",
            "public/a.png": "",
        },
        summary="Node 24, npm, Next.js, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "nuxt": Case(
        files={
            "package.json": '{"scripts": {"build": "nuxt build", "preview": "nuxt preview"}, "dependencies": {"nuxt": "^3.10"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "nuxt.config.ts": "",
        },
        summary="Node 24, npm, Nuxt, starts with node .output/server/index.mjs",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "remix": Case(
        files={
            "package.json": '{"scripts": {"build": "remix vite:build", "start": "remix-serve ./build/server/index.js"}, "dependencies": {"@remix-run/serve": "2", "@remix-run/node": "2"}, "devDependencies": {"@remix-run/dev": "2", "vite": "5"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "vite.config.ts": "",
        },
        summary="Node 24, npm, Remix, starts with remix-serve ./build/server/index.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "sveltekit for node": Case(
        files={
            "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-node": "5", "vite": "5"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "svelte.config.js": "",
        },
        summary="Node 24, npm, SvelteKit, starts with node build",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "astro on a server": Case(
        files={
            "package.json": '{"scripts": {"build": "astro build"}, "dependencies": {"astro": "5", "@astrojs/node": "9"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "astro.config.mjs": "output: 'server'",
        },
        summary="Node 24, npm, Astro, starts with node ./dist/server/entry.mjs",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "vite with a server of its own": Case(
        files={
            "package.json": '{"scripts": {"build": "vite build", "start": "node server.js"}, "dependencies": {"express": "4"}, "devDependencies": {"vite": "6"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "index.html": "",
            "server.js": "",
        },
        summary="Node 24, npm, Vite, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build",
    ),
    "nvmrc by name": Case(
        files={"package.json": '{"scripts": {"start": "node server.js"}}', ".nvmrc": "lts/jod\n", "server.js": ""},
        summary="Node 22, starts with node server.js",
        images=[f"{OURS}node-build:22", f"{OURS}node:22"],
    ),
    "engines": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": ">=18 <21"}}',
            "server.js": "",
        },
        summary="Node 20, starts with node server.js",
        images=[f"{OURS}node-build:20", f"{OURS}node:20"],
    ),
    "a version that nobody has": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "engines": {"node": "12.x"}}',
            "server.js": "",
        },
        summary="Node 24, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        notes=[
            "package.json, engines asks for Node 12.x; Node 24 was taken instead, because there is no base image of it; offered are 24, 22, 20, 26, 25, 23, 21, 19, 18, 16."
        ],
    ),
    "tool-versions": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}}',
            ".tool-versions": "nodejs 22.1.0\n",
            "server.js": "",
        },
        summary="Node 22, starts with node server.js",
        images=[f"{OURS}node-build:22", f"{OURS}node:22"],
    ),
    "volta": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "volta": {"node": "22.3.0"}}',
            "server.js": "",
        },
        summary="Node 22, starts with node server.js",
        images=[f"{OURS}node-build:22", f"{OURS}node:22"],
    ),
    "a workspace with one app": Case(
        files={
            "package.json": '{"private": true, "workspaces": ["apps/*", "packages/*"]}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "apps/web/package.json": '{"name": "web", "scripts": {"build": "next build", "start": "next start"}, "dependencies": {"next": "15", "ui": "*"}}',
            "packages/ui/package.json": '{"name": "ui", "main": "index.js"}',
            "packages/ui/index.js": "",
        },
        summary="Node 24, npm, Next.js, the package web, starts with next start",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        build="npm run build --workspace apps/web",
    ),
    "a workspace where start names the app": Case(
        files={
            "package.json": '{"private": true, "workspaces": ["apps/*"]}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "apps/web/package.json": '{"name": "web", "scripts": {"start": "node a.js"}}',
            "apps/api/package.json": '{"name": "api", "scripts": {"start": "node b.js"}}',
        },
        asked=BuildSettings(start=("npm", "run", "start", "--workspace", "apps/api")),
        summary="Node 24, the package api, starts with npm run start --workspace apps/api",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "a root that starts the whole": Case(
        files={
            "package.json": '{"private": true, "workspaces": ["apps/*"], "scripts": {"start": "node apps/api/b.js"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "apps/web/package.json": '{"name": "web", "scripts": {"start": "node a.js"}}',
            "apps/api/package.json": '{"name": "api", "scripts": {"start": "node b.js"}}',
        },
        summary="Node 24, starts with node apps/api/b.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
    ),
    "prisma": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"@prisma/client": "5"}, "devDependencies": {"prisma": "5"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        packages=["openssl"],
    ),
    "canvas and packages that are asked for": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"canvas": "2"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        asked=BuildSettings(packages=("tini",)),
        summary="Node 24, npm, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        packages=[
            "tini",
            "libcairo2",
            "libpango-1.0-0",
            "libpangocairo-1.0-0",
            "libjpeg62-turbo",
            "libgif7",
            "librsvg2-2",
        ],
    ),
    "a browser": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"puppeteer": "22"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        summary="Node 24, npm, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci",
        notes=["puppeteer needs a browser, which is not in the image. Add one with the setting apt, such as chromium."],
    ),
    "lines that are asked for": Case(
        files={
            "package.json": '{"scripts": {"start": "node server.js", "build": "x"}, "dependencies": {"express": "^4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "server.js": "",
        },
        asked=BuildSettings(install="npm ci --legacy-peer-deps", build="npm run build:prod", port=3000),
        summary="Node 24, npm, Express, starts with node server.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
        install="npm ci --legacy-peer-deps",
        build="npm run build:prod",
        port=3000,
    ),
    "deno with a task": Case(
        files={
            "deno.json": '{ // tasks\n "tasks": {"start": "deno run --allow-net main.ts",}, }',
            "main.ts": "",
            "deno.lock": "{}",
        },
        summary="Deno 2, locked dependencies, starts with deno run --allow-net main.ts",
        images=[f"{OURS}deno:2"],
        install="deno cache --frozen main.ts",
    ),
    "deno without a task": Case(
        files={"deno.jsonc": "{}", "main.ts": ""},
        summary="Deno 2, starts with deno run --allow-all main.ts",
        images=[f"{OURS}deno:2"],
        install="deno cache main.ts",
    ),
    "deno that builds first": Case(
        files={
            "deno.json": '{"tasks": {"build": "deno run -A dev.ts build", "start": "deno run -A main.ts"}, "imports": {"$fresh/": "https://deno.land/x/fresh@1.6/"}}',
            "main.ts": "",
        },
        summary="Deno 2, Fresh, starts with deno run -A main.ts",
        images=[f"{OURS}deno:2"],
        install="deno cache main.ts",
        build="deno task build",
    ),
    "deno beside package.json": Case(
        files={
            "deno.json": '{"tasks":{"start":"deno run -A --watch x.ts"}}',
            "package.json": '{"scripts": {"start": "node a.js"}}',
            "a.js": "",
        },
        summary="Node 24, starts with node a.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
    ),
}
