"""Any tree of files gives a plan or a sentence: what strangers commit breaks nothing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_stacks import BuildSettings, NotDetected, Plan, Tree, detect

NAMES = [
    *(
        "package.json",
        "package-lock.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "yarn.lock",
        ".yarnrc.yml",
        "bun.lock",
    ),
    *(
        "next.config.js",
        "vite.config.ts",
        "svelte.config.js",
        "astro.config.mjs",
        "angular.json",
        "nx.json",
        "apps/api/project.json",
        "apps/web/vite.config.ts",
        "deno.lock",
        "deno.json",
        "main.ts",
    ),
    *("index.js", "server.js", "apps/web/package.json", "packages/ui/package.json", "index.html", "public/index.html"),
    *(
        "requirements.txt",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "Pipfile",
        "setup.py",
        "setup.cfg",
        "main.py",
        "app.py",
    ),
    *("manage.py", "shop/settings.py", "shop/wsgi.py", "shop/__init__.py", ".python-version", "runtime.txt", ".nvmrc"),
    *(
        ".tool-versions",
        "Procfile",
        "_headers",
        "go.mod",
        "go.sum",
        "main.go",
        "cmd/a/main.go",
        "composer.json",
        "index.php",
    ),
    *("Gemfile", "Gemfile.lock", "config.ru", "pom.xml", "build.gradle", "Cargo.toml", "Cargo.lock", "src/main.rs"),
    *("artisan", "public/index.php", "composer.lock", ".ruby-version", "bin/rails", "app.rb", "vendor/modules.txt"),
    *("mvnw", "api/pom.xml", "jobs/pom.xml", "gradlew", "gradle/wrapper/gradle-wrapper.jar", "settings.gradle"),
    *("api/build.gradle.kts", "rust-toolchain", "rust-toolchain.toml", ".cargo/config.toml", "crates/a/Cargo.toml"),
]
WORDS = st.sampled_from(
    [
        *(
            "express",
            "next",
            "vite",
            "@sveltejs/kit",
            "astro",
            "nuxt",
            "@angular/core",
            "nx",
            "application",
            "@nx/js:node",
            "nest start",
            "better-sqlite3",
            "workspace:*",
            "^18 || >=20",
            "1e999",
        ),
        *(
            "node server.js",
            "npm run build && node x.js",
            "nodemon a.js",
            "PORT=1 next start",
            "vite",
            "\x00",
            "ü",
            "'",
            "$(x)",
        ),
        *(
            "flask",
            "django",
            "fastapi",
            "python-3.12",
            "../..",
            "/etc/passwd",
            "-",
            "a" * 300,
            "\n",
            '"',
            "\\",
            "{}",
            "[]",
        ),
    ]
)
KEYS = st.sampled_from(
    [
        *(
            "name",
            "main",
            "scripts",
            "start",
            "build",
            "dependencies",
            "devDependencies",
            "workspaces",
            "packages",
            "engines",
        ),
        *(
            "packageManager",
            "node",
            "version",
            "require",
            "php",
            "projects",
            "architect",
            "options",
            "tasks",
            "imports",
            "volta",
        ),
        *("nx", "projectType", "application", "targets", "executor", "outputPath", "pnpm", "devEngines", "module"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | WORDS, inner, max_size=4),
    max_leaves=12,
)
LINES = st.lists(
    WORDS
    | st.sampled_from(
        [
            *(
                "[project]",
                "dependencies = ['flask']",
                "[tool.poetry.dependencies]",
                'python = "^3"',
                "web: node a.js",
                "-r a.txt",
            ),
            *(
                "from flask import Flask",
                "[options]",
                "install_requires = flask",
                "setup(install_requires=['flask', x])",
                "-c a.txt",
                "-e libs/x",
                "app = Flask(__name__)",
                "def create_app():",
                "    return Flask()",
                "module example.org/a",
            ),
            *(
                "go 1.22",
                "require (",
                "source 'https://rubygems.org'",
                "gem 'rails'",
                "<java.version>17</java.version>",
                "[package]",
            ),
            *(
                "ruby '3.3.1'",
                "RUBY VERSION",
                "   ruby 3.3.1p1",
                "PLATFORMS",
                "  arm64-darwin-23",
                "gem 'jsbundling-rails'",
                'import "C"',
                "package main",
                "github.com/mattn/go-sqlite3 v1.2.3 // indirect",
            ),
            *(
                "spring-boot-maven-plugin",
                "<modules>",
                "id 'org.springframework.boot'",
                "application {",
                "rootProject.name = 'a'",
                "[workspace]",
                "members = ['crates/*']",
                "default-members = [3, 'crates/a']",
                "web: java -jar target/a.jar && heroku-php-apache2 public/",
            ),
            *(
                "lockfileVersion: '9.0'",
                "__metadata:",
                "packages:",
                "  - 'apps/*'",
                "output: 'standalone',",
                "STATIC_ROOT = 1",
            ),
        ]
    ),
    max_size=8,
).map("\n".join)
TEXTS = LINES | VALUES.map(lambda value: json.dumps(value, allow_nan=True)) | st.text(max_size=80) | st.just("[" * 3000)
TREES = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=8)
ASKED = st.builds(
    BuildSettings,
    stack=st.sampled_from(["", "", "node", "python", "static", "go", "php", "ruby", "java", "rust"]),
    version=st.just("") | WORDS,
    install=st.just("") | WORDS,
    build=st.just("") | WORDS,
    output=st.just("") | WORDS,
    start=st.just(()) | st.lists(WORDS, min_size=1, max_size=3).map(tuple),
)


@given(TREES, ASKED)
def test_any_tree_gives_a_plan_or_a_sentence(files: dict[str, str], asked: BuildSettings) -> None:
    try:
        plan = detect(Tree.of(files), asked)
    except NotDetected as refused:
        said: Plan | str = str(refused)
    else:
        said = plan
        assert plan.summary
        assert plan.start
    assert said
    _twice(files, asked, said)


def _twice(files: dict[str, str], asked: BuildSettings, said: Plan | str) -> None:
    try:
        again: Plan | str = detect(Tree.of(files), asked)
    except NotDetected as refused:
        again = str(refused)
    assert again == said
