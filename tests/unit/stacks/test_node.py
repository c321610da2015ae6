"""Node, Bun and Deno."""

import pytest
from stackcases import holds
from trees.node_nx import CASES as NX
from trees.node_nx import REFUSED as REFUSED_NX
from trees.node_servers import CASES as SERVERS
from trees.node_sites import CASES as SITES
from trees.node_sites import REFUSED as REFUSED_SITES
from trees.node_ways import CASES as WAYS
from trees.node_ways import REFUSED as REFUSED_WAYS

from wisehosting_stacks import NotDetected, Tree, detect

CASES = SERVERS | SITES | WAYS | NX
REFUSED = REFUSED_SITES | REFUSED_WAYS | REFUSED_NX


@pytest.mark.parametrize("name", CASES)
def test_a_project_is_planned_from_its_files(name: str) -> None:
    holds(CASES[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_project_in_which_one_thing_is_missing_is_told_which(name: str) -> None:
    files, sentence = REFUSED[name]
    with pytest.raises(NotDetected) as refused:
        detect(Tree.of(files))
    assert str(refused.value) == sentence


def test_dependencies_are_installed_before_sources_come_and_what_only_the_build_needed_goes() -> None:
    assert holds(CASES["typescript built and started"]).containerfile == (
        "FROM localhost/wisehosting/node-build:24 AS build\n"
        "WORKDIR /app\n"
        'COPY ["package.json", "package-lock.json", "./"]\n'
        "RUN --mount=type=cache,target=/root/.npm npm ci\n"
        "COPY . .\n"
        "RUN --mount=type=cache,target=/root/.npm npm run build && npm prune --omit=dev\n"
        "\n"
        "FROM localhost/wisehosting/node:24\n"
        "WORKDIR /app\n"
        'ENV PATH=/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin NODE_ENV="production"\n'
        "USER 1000:1000\n"
        "EXPOSE 8080\n"
        'CMD ["node", "dist/index.js"]\n'
        "COPY --from=build /app/ /app/\n"
    )


def test_a_single_page_app_ends_as_files_without_node() -> None:
    plan = holds(CASES["vite with react"])
    assert plan.containerfile.splitlines()[-5:] == [
        "COPY .wisehosting/site.conf /etc/nginx/site.conf",
        "USER 1000:1000",
        "EXPOSE 8080",
        'CMD ["nginx", "-c", "/etc/nginx/site.conf"]',
        'COPY --from=build ["/app/dist/", "/srv/"]',
    ]
    assert "try_files $uri $uri/index.html $uri.html /index.html;" in plan.files["site.conf"]


def test_a_server_that_brings_all_it_needs_is_copied_alone() -> None:
    lines = holds(CASES["next standalone"]).containerfile.splitlines()
    assert [line for line in lines if line.startswith("COPY --from")] == [
        'COPY --from=build ["/app/.next/standalone/", "/app/"]',
        'COPY --from=build ["/app/.next/static", "/app/.next/static"]',
        'COPY --from=build ["/app/public", "/app/public"]',
    ]


def test_packages_of_a_workspace_are_known_before_their_sources() -> None:
    text = holds(CASES["a workspace with one app"]).containerfile
    assert 'COPY ["apps/web/package.json", "apps/web/"]\nCOPY ["packages/ui/package.json", "packages/ui/"]\n' in text
    assert "WORKDIR /app/apps/web\n" in text


def test_packages_of_debian_are_there_for_the_build_and_for_the_program() -> None:
    text = holds(CASES["canvas and packages that are asked for"]).containerfile
    build, run = text.split("\nFROM ")
    assert "install -y --no-install-recommends tini libcairo2-dev " in build
    assert "install -y --no-install-recommends tini libcairo2 " in run


def test_the_pnpm_of_engines_is_the_one_that_is_fetched() -> None:
    assert "/root/.npm npm install --global 'pnpm@^9'\n" in holds(CASES["a pnpm of engines"]).containerfile
    within = holds(CASES["a pnpm of engines that is below the lock file's"])
    assert "/root/.npm npm install --global pnpm@9\n" in within.containerfile
    assert "npm install --global pnpm@10\n" in holds(CASES["engines of pnpm that are no version"]).containerfile


def test_pnpm_is_told_of_its_store_as_a_setting_because_prune_has_no_option_for_it() -> None:
    files = {
        "package.json": '{"scripts": {"build": "node build.js", "start": "node server.js"}, "devDependencies": {"nanoid": "5"}}',
        "pnpm-lock.yaml": "lockfileVersion: '9.0'",
        "build.js": "",
        "server.js": "",
    }
    text = detect(Tree.of(files)).containerfile
    assert "pnpm prune --prod --config.store-dir=/root/.cache/pnpm" in text
    assert "prune --prod --store-dir" not in text


def test_a_yarn_that_cannot_prune_is_not_told_to() -> None:
    assert "workspaces focus" not in holds(CASES["yarn 3, which cannot prune"]).containerfile
    assert "&& yarn workspaces focus --all --production\n" in holds(CASES["yarn 3 with its plugin"]).containerfile


def test_puppeteer_fetches_no_browser_and_finds_the_one_of_debian() -> None:
    build, run = holds(CASES["puppeteer with a browser that is asked for"]).containerfile.split("\nFROM ")
    assert "ENV PUPPETEER_SKIP_DOWNLOAD=true\n" in build
    assert 'PUPPETEER_EXECUTABLE_PATH="/usr/bin/chromium"' in run
