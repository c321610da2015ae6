"""Trees of JavaScript that becomes files, trees that are refused, and what follows."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"

CASES = {
    "next that exports files": Case(
        files={
            "package.json": '{"scripts": {"build": "next build", "start": "next dev"}, "dependencies": {"next": "15"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "next.config.mjs": "export default {\n  output: 'export',\n}",
        },
        summary="Node 24, npm, Next.js, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "nuxt without a server": Case(
        files={
            "package.json": '{"scripts": {"build": "nuxt generate"}, "dependencies": {"nuxt": "^3.10"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Nuxt, unknown paths answer /200.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "react router without a server": Case(
        files={
            "package.json": '{"scripts": {"build": "react-router build"}, "devDependencies": {"@react-router/dev": "7", "vite": "6"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "react-router.config.ts": "export default { ssr: false }",
        },
        summary="Node 24, npm, React Router, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "sveltekit as files": Case(
        files={
            "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-static": "3"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "svelte.config.js": "adapter({ fallback: '200.html' })",
        },
        summary="Node 24, npm, SvelteKit, unknown paths answer /200.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "astro": Case(
        files={
            "package.json": '{"scripts": {"build": "astro build"}, "dependencies": {"astro": "5"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Astro, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "vite with react": Case(
        files={
            "package.json": '{"scripts": {"dev": "vite", "build": "tsc && vite build", "preview": "vite preview"}, "dependencies": {"react": "19"}, "devDependencies": {"vite": "6", "@vitejs/plugin-react": "4"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "index.html": "",
        },
        summary="Node 24, npm, Vite with React, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "vite whose folder is named": Case(
        files={
            "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "index.html": "",
            "vite.config.js": "build: {\n outDir: 'public_html' }",
        },
        summary="Node 24, npm, Vite, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "create react app": Case(
        files={
            "package.json": '{"scripts": {"start": "react-scripts start", "build": "react-scripts build"}, "dependencies": {"react-scripts": "5"}}',
            "yarn.lock": "",
        },
        summary="Node 24, yarn, Create React App, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="yarn install --frozen-lockfile --cache-folder /root/.cache/yarn",
        build="yarn run build",
    ),
    "vue cli": Case(
        files={
            "package.json": '{"scripts": {"serve": "vue-cli-service serve", "build": "vue-cli-service build"}, "devDependencies": {"@vue/cli-service": "5"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Vue CLI, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "angular": Case(
        files={
            "package.json": '{"scripts": {"start": "ng serve", "build": "ng build"}, "dependencies": {"@angular/core": "19"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "angular.json": '{"projects": {"shop": {"architect": {"build": {"builder": "@angular-devkit/build-angular:application", "options": {"outputPath": "dist/shop"}}}}}}',
        },
        summary="Node 24, npm, Angular, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "vitepress in docs": Case(
        files={
            "package.json": '{"scripts": {"docs:build": "vitepress build docs"}, "devDependencies": {"vitepress": "1"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
            "docs/index.md": "",
        },
        summary="Node 24, npm, VitePress, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run docs:build",
    ),
    "eleventy": Case(
        files={
            "package.json": '{"scripts": {"build": "eleventy"}, "devDependencies": {"@11ty/eleventy": "3"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Eleventy, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "docusaurus": Case(
        files={
            "package.json": '{"scripts": {"start": "docusaurus start", "build": "docusaurus build"}, "dependencies": {"@docusaurus/core": "3"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        summary="Node 24, npm, Docusaurus, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "output that is asked for": Case(
        files={
            "package.json": '{"scripts": {"build": "make-site"}, "devDependencies": {"x": "1"}}',
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        asked=BuildSettings(output="site", fallback="/index.html"),
        summary="Node 24, npm, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="npm ci",
        build="npm run build",
    ),
    "a pnpm workspace with turbo": Case(
        files={
            "package.json": '{"private": true, "devDependencies": {"turbo": "2"}, "packageManager": "pnpm@9.0.0"}',
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
            "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n  - \"packages/*\"\n",
            "apps/site/package.json": '{"name": "@x/site", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}',
            "apps/site/index.html": "",
            "packages/ui/package.json": '{"name": "@x/ui"}',
        },
        summary="Node 24, pnpm 9.0.0, Vite, the package @x/site, unknown paths answer /index.html, served by nginx",
        images=[f"{OURS}node-build:24", f"{OURS}static:1"],
        install="pnpm install --frozen-lockfile --store-dir /root/.cache/pnpm",
        build="pnpm exec turbo run build --filter=@x/site",
    ),
    "package.json for tools beside a page": Case(
        files={"package.json": '{"devDependencies": {"prettier": "3"}}', "index.html": "x"},
        summary="a static site, served by nginx",
        images=[f"{OURS}static:1"],
    ),
}

REFUSED = {
    "nothing that starts": (
        {"package.json": '{"dependencies": {"left-pad": "1"}}'},
        'package.json was found, and nothing that starts: no start script, no framework that is known, no server.js or index.js. Add a start script such as "start": "node server.js", or set start.',
    ),
    "broken JSON": (
        {"package.json": "{"},
        "package.json is not valid JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)). Correct it.",
    ),
    "several apps": (
        {
            "package.json": '{"private": true, "workspaces": ["apps/*"]}',
            "apps/web/package.json": '{"name": "web", "scripts": {"start": "node a.js"}}',
            "apps/docs/package.json": '{"name": "docs", "devDependencies": {"@docusaurus/core": "3"}}',
        },
        "The workspace holds several apps: apps/docs (Docusaurus), apps/web (a server). Say which one is meant: set start to a line that names it, such as npm run start --workspace apps/docs, or output for a static one, such as apps/docs/dist. Make a project for each of them.",
    ),
    "a package that lies outside": (
        {"package.json": '{"scripts": {"start": "node a.js"}, "dependencies": {"ui": "workspace:*"}}'},
        "The dependency ui lies outside the project's folder. Set the root directory to the folder that holds both.",
    ),
    "sveltekit without an adapter": (
        {"package.json": '{"devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-auto": "3"}}'},
        "SvelteKit is set up without an adapter for a server of one's own. Run `npm install --save-dev @sveltejs/adapter-node` (or @sveltejs/adapter-static for a site without a server), name it in svelte.config.js, and push.",
    ),
    "astro on a server without its adapter": (
        {"package.json": '{"dependencies": {"astro": "5"}}', "astro.config.mjs": "output: 'server',"},
        "Astro renders on a server here, and its adapter for Node is not installed. Run `npx astro add node`, and push.",
    ),
    "plug and play with next": (
        {"package.json": '{"dependencies": {"next": "15"}}', "yarn.lock": "__metadata:", ".yarnrc.yml": ""},
        "next is started from node_modules, and Yarn makes none here. Set `nodeLinker: node-modules` in .yarnrc.yml, or set start to a line that begins with node.",
    ),
    "deno with nothing to start": (
        {"deno.json": "{}"},
        'deno.json was found, and nothing that starts: no task `start` and no main.ts. Add a task such as "start": "deno run --allow-net --allow-env main.ts", or set start.',
    ),
}
