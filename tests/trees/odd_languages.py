"""Trees of Go, PHP, Ruby, Java and Rust that say odd things: versions, platforms, several programs, builds of their own."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
SINATRA = "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n\n"
SERVES = "starts with bundle exec puma -b tcp://0.0.0.0:8080"
RUBY = [f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"]
MODULE = "module example.org/shop\n\ngo 1.22\n"
MAIN = "package main\nfunc main() {}\n"
GO = [f"{OURS}go-build:1.24", f"{OURS}base:debian-13"]
GO_FLAGS = '-trimpath -ldflags="-s -w" -o'
COMPOSER = "composer install --no-dev --no-interaction --no-progress --prefer-dist"
PHP = [f"{OURS}php-build:8.4", f"{OURS}php:8.4"]
PAGES = "pages in public/, served by Apache"
RUST = [f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"]
CRATE = '[package]\nname = "{}"\nversion = "1.0.0"\n'
INSTALL = "bundle install --jobs 4 --retry 3"

CASES = {
    "a Gemfile with a range that the base satisfies": Case(
        files={"Gemfile": "ruby '>= 3.1', '< 3.5'\ngem 'sinatra'\n", "Gemfile.lock": SINATRA, "config.ru": ""},
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
    ),
    "a Gemfile that reads its version from a file": Case(
        files={
            "Gemfile": "ruby file: '.ruby-version'\ngem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "RUBY VERSION\n   ruby 3.3.1p55\n",
            ".ruby-version": "3.3.1\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
        notes=["The Gemfile's line `ruby file: '.ruby-version'` is left out of the image: Bundler would refuse"],
    ),
    "a lock file with a version and a Gemfile without": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "RUBY VERSION\n   ruby 3.1.4p9\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.1, Bundler, Sinatra, {SERVES}",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        notes=["The Ruby version in Gemfile.lock is left out of the image"],
    ),
    "a version of the settings before that of the files": Case(
        files={"Gemfile": "ruby '3.3.1'\ngem 'sinatra'\n", "Gemfile.lock": SINATRA, "config.ru": ""},
        asked=BuildSettings(version="3.1"),
        summary=f"Ruby 3.1, Bundler, Sinatra, {SERVES}",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        notes=['Write `ruby "~> 3.1.0"` to keep the line.'],
    ),
    "a lock file of another system": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "PLATFORMS\n  arm64-darwin-23\n  x64-mingw-ucrt\n\nDEPENDENCIES\n  sinatra\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
        notes=[
            "Gemfile.lock was made for arm64-darwin-23 and x64-mingw-ucrt alone: gems of Linux are chosen anew at each build. Run `bundle lock --add-platform x86_64-linux` and commit it."
        ],
    ),
    "libraries as Debian 12 names them": Case(
        files={
            "Gemfile": "gem 'rmagick'\ngem 'charlock_holmes'\n",
            "Gemfile.lock": "",
            ".ruby-version": "3.1",
            "app.rb": "",
        },
        summary="Ruby 3.1, Bundler, starts with bundle exec ruby app.rb",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        packages=["libicu72", "libmagickwand-6.q16-6"],
    ),
    "go with a module that brings C along": Case(
        files={
            "go.mod": MODULE
            + "require (\n\tgorm.io/driver/sqlite v1.5.0\n\tgithub.com/mattn/go-sqlite3 v1.14.0 // indirect\n)\n",
            "main.go": MAIN,
        },
        summary="Go 1.24, cgo, starts with /app/bin/shop",
        images=GO,
        build=f"CGO_ENABLED=1 go build {GO_FLAGS} bin/shop .",
    ),
    "go with a library of C": Case(
        files={"go.mod": MODULE + "require github.com/davidbyttow/govips/v2 v2.16.0\n", "main.go": MAIN},
        summary="Go 1.24, cgo, starts with /app/bin/shop",
        images=GO,
        build=f"CGO_ENABLED=1 go build {GO_FLAGS} bin/shop .",
        packages=["libvips42t64"],
    ),
    "go with C in a package of its own": Case(
        files={
            "go.mod": MODULE,
            "main.go": MAIN,
            "internal/sum/sum.go": 'package sum\n\n// #include <stdlib.h>\nimport "C"\n',
        },
        summary="Go 1.24, cgo, starts with /app/bin/shop",
        images=GO,
        build=f"CGO_ENABLED=1 go build {GO_FLAGS} bin/shop .",
    ),
    "go with C in what is not built": Case(
        files={
            "go.mod": MODULE,
            "main.go": MAIN,
            "vendor/modules.txt": "",
            "vendor/example.org/a/a.go": 'package a\nimport "C"\n',
            "testdata/b.go": 'package b\nimport "C"\n',
            "main_test.go": 'package main\nimport "C"\n',
        },
        summary="Go 1.24, vendored modules, starts with /app/bin/shop",
        images=GO,
        build=f"CGO_ENABLED=0 go build -mod=vendor {GO_FLAGS} bin/shop .",
    ),
    "go with a build of its own": Case(
        files={"go.mod": MODULE, "main.go": MAIN},
        asked=BuildSettings(build="go build -o server ."),
        summary="Go 1.24, starts with /app/server",
        images=GO,
        build="go build -o server .",
    ),
    "go with a build of its own that names one of several programs": Case(
        files={"go.mod": MODULE, "cmd/api/main.go": MAIN, "cmd/job/main.go": MAIN},
        asked=BuildSettings(build="go build -o ./bin/ ./cmd/job"),
        summary="Go 1.24, the program in ./cmd/job, starts with /app/bin/job",
        images=GO,
        build="go build -o ./bin/ ./cmd/job",
    ),
    "go with a build of its own that says no place": Case(
        files={"go.mod": MODULE, "cmd/api/main.go": MAIN},
        asked=BuildSettings(build="go build ./cmd/api"),
        summary="Go 1.24, the program in ./cmd/api, starts with /app/api",
        images=GO,
        build="go build ./cmd/api",
    ),
    "go that is made by make": Case(
        files={"go.mod": MODULE, "main.go": MAIN, "Makefile": ""},
        asked=BuildSettings(build="make", start=("./shopd",)),
        summary="Go 1.24, starts with ./shopd",
        images=GO,
        build="make",
    ),
    "php that is newer than what there is": Case(
        files={"public/index.php": "", "composer.json": '{"require": {"php": "^8.5"}}', "composer.lock": "{}"},
        summary=f"PHP 8.4, Composer, {PAGES}",
        images=PHP,
        install=f"{COMPOSER} --ignore-platform-req=php",
        notes=["composer.json, require.php asks for PHP ^8.5; PHP 8.4 was taken instead"],
    ),
    "php whose libraries are chosen for an older one": Case(
        files={
            "public/index.php": "",
            "composer.json": '{"require": {"php": "^8.1"}, "config": {"platform": {"php": "8.1.2"}}}',
            "composer.lock": "{}",
        },
        summary=f"PHP 8.4, Composer, {PAGES}",
        images=PHP,
        install=COMPOSER,
    ),
    "php whose libraries are chosen for one that there is": Case(
        files={
            "public/index.php": "",
            "composer.json": '{"require": {"php": "^8.1"}, "config": {"platform": {"php": "8.2.20"}}}',
            "composer.lock": "{}",
        },
        summary=f"PHP 8.2, Composer, {PAGES}",
        images=[f"{OURS}php-build:8.2", f"{OURS}php:8.2"],
        install=COMPOSER,
    ),
    "an extension that Debian 12 has": Case(
        files={
            "public/index.php": "",
            "composer.json": '{"require": {"php": "8.2.*"}}',
            "composer.lock": '{"packages": [{"name": "a/b", "require": {"ext-imap": "*", "ext-pdo_mysql": "*"}}]}',
        },
        summary=f"PHP 8.2, Composer, extensions php-imap, {PAGES}",
        images=[f"{OURS}php-build:8.2", f"{OURS}php:8.2"],
        install=COMPOSER,
        packages=["php-imap"],
    ),
    "an extension that Debian 13 has no more": Case(
        files={"public/index.php": "", "composer.json": '{"require": {"ext-imap": "*"}}', "composer.lock": "{}"},
        summary=f"PHP 8.4, Composer, {PAGES}",
        images=PHP,
        install=f"{COMPOSER} --ignore-platform-req=ext-imap",
        notes=["ext-imap is required, and Debian has no package of it"],
    ),
    "laravel with vite and migrations": Case(
        files={
            "artisan": "",
            "public/index.php": "",
            "composer.json": '{"require": {"laravel/framework": "^12"}}',
            "composer.lock": "{}",
            "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^6"}}',
            "package-lock.json": "{}",
            ".nvmrc": "22",
            "Procfile": "web: php artisan migrate --force && vendor/bin/heroku-php-apache2 public/\n",
        },
        summary="PHP 8.4, Composer, Laravel, pages in public/, Node 22, npm, a Procfile, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}node-build:22", f"{OURS}php:8.4"],
        install=COMPOSER,
        build="npm run build",
        notes=["storage/ and bootstrap/cache/ lie in /tmp", "Laravel needs APP_KEY", "Migrations are not run"],
    ),
    "laravel with scripts that are built already": Case(
        files={
            "artisan": "",
            "public/index.php": "",
            "public/build/manifest.json": "{}",
            "composer.json": '{"require": {"laravel/framework": "^12"}}',
            "composer.lock": "{}",
            "package.json": '{"scripts": {"build": "vite build"}}',
        },
        summary=f"PHP 8.4, Composer, Laravel, {PAGES}",
        images=PHP,
        install=COMPOSER,
        notes=["storage/ and bootstrap/cache/ lie in /tmp", "Laravel needs APP_KEY", "Migrations are not run"],
    ),
    "symfony with what it does after an install": Case(
        files={
            "public/index.php": "",
            "composer.json": '{"require": {"symfony/framework-bundle": "7.*", "symfony/asset-mapper": "7.*"}, '
            '"scripts": {"post-install-cmd": ["@auto-scripts"]}}',
            "composer.lock": "{}",
        },
        summary=f"PHP 8.4, Composer, Symfony, {PAGES}",
        images=PHP,
        install=COMPOSER,
        build="APP_ENV=prod php bin/console asset-map:compile",
        notes=["Symfony's cache and log folders lie in /tmp"],
    ),
    "pages with styles that pnpm builds": Case(
        files={"index.php": "", "package.json": '{"scripts": {"build": "sass a b"}}', "pnpm-lock.yaml": ""},
        summary="PHP 8.4, pages in the project's folder, Node 24, pnpm, served by Apache",
        images=[f"{OURS}node-build:24", f"{OURS}php:8.4"],
        build="pnpm run build",
    ),
    "pages with a build of their own by Node": Case(
        files={"index.php": "", "package.json": '{"scripts": {"css": "sass a b"}}', "package-lock.json": ""},
        asked=BuildSettings(build="npm run css"),
        summary="PHP 8.4, pages in the project's folder, Node 24, npm, served by Apache",
        images=[f"{OURS}node-build:24", f"{OURS}php:8.4"],
        build="npm run css",
    ),
    "pages with a build of their own by PHP": Case(
        files={"index.php": "", "package.json": '{"scripts": {"build": "sass a b"}}', "package-lock.json": ""},
        asked=BuildSettings(build="php warm.php"),
        summary="PHP 8.4, pages in the project's folder, Node 24, npm, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}node-build:24", f"{OURS}php:8.4"],
        build="php warm.php && npm run build",
    ),
    "rails with scripts that node builds": Case(
        files={
            "Gemfile": "gem 'rails'\ngem 'jsbundling-rails'\n",
            "Gemfile.lock": "GEM\n  specs:\n    jsbundling-rails (1.3)\n    propshaft (1)\n    puma (6)\n    rails (8.0)\n",
            "bin/rails": "",
            "config/puma.rb": "",
            "package.json": '{"scripts": {"build": "esbuild a"}}',
            "yarn.lock": "",
        },
        summary="Ruby 3.3, Bundler, Rails, Node 24, yarn, starts with bundle exec puma -C config/puma.rb",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}node-build:24", f"{OURS}ruby:3.3"],
        install=INSTALL,
        build="SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=unused-while-building bundle exec rails assets:precompile",
        notes=["Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY"],
    ),
    "a rust workspace with a default member": Case(
        files={
            "Cargo.toml": '[workspace]\nmembers = ["api", "jobs"]\ndefault-members = ["./jobs"]\n',
            "Cargo.lock": "",
            "api/Cargo.toml": CRATE.format("api"),
            "api/src/main.rs": "",
            "jobs/Cargo.toml": CRATE.format("jobs"),
            "jobs/src/main.rs": "",
        },
        summary="Rust 1.85, the program jobs, starts with /app/bin/jobs",
        images=RUST,
        build="cargo build --release --package jobs --bin jobs",
        notes=["jobs is what is started; api was not built."],
    ),
    "rust for a machine that Debian does not build for": Case(
        files={
            "Cargo.toml": CRATE.format("shop"),
            "Cargo.lock": "",
            "src/main.rs": "",
            ".cargo/config.toml": '[build]\ntarget = "x86_64-unknown-linux-musl"\n',
        },
        summary="Rust 1.85, the program shop, starts with /app/bin/shop",
        images=RUST,
        build="cargo build --release --target $(rustc --print host-tuple) --bin shop",
        notes=[".cargo/config.toml builds for x86_64-unknown-linux-musl, of which Debian has no standard library"],
    ),
    "rust by a Procfile that names where cargo leaves it": Case(
        files={
            "Cargo.toml": CRATE.format("shop"),
            "Cargo.lock": "",
            "src/main.rs": "",
            "Procfile": "web: ./target/release/shop --port $PORT\n",
        },
        summary="Rust 1.85, the program shop, a Procfile, starts with ./target/release/shop --port $PORT",
        images=RUST,
        build="cargo build --release --bin shop",
    ),
}
