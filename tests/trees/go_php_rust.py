"""Trees of Go, PHP and Rust, and the plans that follow."""

from stackcases import Case

OURS = "localhost/wisehosting/"

CASES = {
    "go with a main file": Case(
        files={"go.mod": "module example.org/shop\n\ngo 1.22\n", "main.go": "package main\nfunc main() {}\n"},
        summary="Go 1.24, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/shop .',
    ),
    "go with gin and a sum file": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\nrequire github.com/gin-gonic/gin v1.10.0\n",
            "go.sum": "x",
            "main.go": "package main\nfunc main() {}\n",
        },
        summary="Go 1.24, Gin, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        install="go mod download",
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/shop .',
    ),
    "go vendored": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "vendor/modules.txt": "",
            "main.go": "package main\nfunc main() {}\n",
            "templates/a.html": "",
        },
        summary="Go 1.24, vendored modules, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -mod=vendor -trimpath -ldflags="-s -w" -o bin/shop .',
    ),
    "go with one program in cmd": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "cmd/api/main.go": "package main\nfunc main() {}\n",
            "internal/x.go": "package x",
        },
        summary="Go 1.24, the program in ./cmd/api, starts with /app/bin/api",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/api ./cmd/api',
    ),
    "go where the root and cmd have programs": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "main.go": "package main\nfunc main() {}\n",
            "cmd/tool/main.go": "package main\nfunc main() {}\n",
        },
        summary="Go 1.24, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/shop .',
        notes=["main.go is what is started; cmd/tool was not built. A Procfile that names it has it built too."],
    ),
    "go where a Procfile names a program": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "cmd/api/main.go": "package main\nfunc main() {}\n",
            "cmd/job/main.go": "package main\nfunc main() {}\n",
            "Procfile": "web: bin/api\nworker: bin/job\n",
        },
        summary="Go 1.24, the program in ./cmd/api, the program in ./cmd/job, a Procfile, starts with bin/api",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/ ./cmd/api ./cmd/job',
        notes=["The Procfile's worker line is not run: processes beside web come with a later release."],
        processes={"worker": ["sh", "-c", "exec bin/job"]},
    ),
    "go that uses C": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\nrequire github.com/mattn/go-sqlite3 v1.14.0\n",
            "main.go": "package main\nfunc main() {}\n",
        },
        summary="Go 1.24, cgo, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o bin/shop .',
    ),
    "go that asks for a newer one": Case(
        files={"go.mod": "module a.b/c\n\ngo 1.30\n", "go.sum": "", "main.go": "package main\nfunc main() {}\n"},
        summary="Go 1.24, starts with /app/bin/c",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        install="go mod download",
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/c .',
        notes=[
            "go.mod asks for Go 1.30; Go 1.24 fetches that one while building (GOTOOLCHAIN=auto), where the network allows it."
        ],
    ),
    "go by a toolchain line": Case(
        files={"go.mod": "module a.b/c\n\ngo 1.21\ntoolchain go1.23.4\n", "main.go": "package main\nfunc main() {}\n"},
        summary="Go 1.24, starts with /app/bin/c",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/c .',
    ),
    "go whose Procfile compiles": Case(
        files={
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "main.go": "package main\nfunc main() {}\n",
            "Procfile": "web: go run .\n",
        },
        summary="Go 1.24, starts with /app/bin/shop",
        images=[f"{OURS}go-build:1.24", f"{OURS}base:debian-13"],
        build='CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/shop .',
        notes=[
            "The Procfile's web line compiles the program at each start; the program that was built is started instead."
        ],
    ),
    "php alone": Case(
        files={"index.php": "<?php"},
        summary="PHP 8.4, pages in the project's folder, served by Apache",
        images=[f"{OURS}php:8.4"],
    ),
    "php with a public folder": Case(
        files={
            "public/index.php": "<?php",
            "composer.json": '{"require": {"php": "^8.2", "slim/slim": "^4"}}',
            "composer.lock": "{}",
        },
        summary="PHP 8.4, Composer, Slim, pages in public/, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}php:8.4"],
        install="composer install --no-dev --no-interaction --no-progress --prefer-dist",
    ),
    "laravel": Case(
        files={
            "artisan": "",
            "public/index.php": "",
            "composer.json": '{"require": {"php": "^8.2", "laravel/framework": "^11", "ext-redis": "*"}}',
            "composer.lock": "{}",
        },
        summary="PHP 8.4, Composer, Laravel, extensions php-redis, pages in public/, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}php:8.4"],
        install="composer install --no-dev --no-interaction --no-progress --prefer-dist",
        notes=[
            "storage/ and bootstrap/cache/ lie in /tmp, one for each instance, and empty at each start. An app that writes elsewhere beside its files needs runtime.writable = true. What the app writes is lost with each deployment: keep uploads in an object store or a database.",
            "Laravel needs APP_KEY: set it as a variable, as `php artisan key:generate --show` prints it.",
            "Migrations are not run by themselves: add a Procfile with the line `web: php artisan migrate --force && heroku-php-apache2 public/`, or run them by hand.",
        ],
        packages=["php-redis"],
    ),
    "symfony": Case(
        files={
            "public/index.php": "",
            "composer.json": '{"require": {"symfony/framework-bundle": "7.*"}}',
            "composer.lock": "{}",
            "symfony.lock": "{}",
        },
        summary="PHP 8.4, Composer, Symfony, pages in public/, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}php:8.4"],
        install="composer install --no-dev --no-interaction --no-progress --prefer-dist",
        notes=["Symfony's cache and log folders lie in /tmp, one for each instance. Set APP_SECRET as a variable."],
    ),
    "wordpress": Case(
        files={"index.php": "", "wp-load.php": ""},
        summary="PHP 8.4, WordPress, pages in the project's folder, served by Apache",
        images=[f"{OURS}php:8.4"],
        notes=[
            "WordPress writes uploads, plugins and updates beside its files, and those cannot be written here. Set runtime.writable = true to let it. What the app writes is lost with each deployment: keep uploads in an object store or a database.",
            "WordPress needs a MySQL database; wp-config.php should read its address and password from variables (getenv).",
        ],
    ),
    "php with committed libraries": Case(
        files={"index.php": "", "composer.json": '{"require": {"a/b": "*"}}', "vendor/autoload.php": ""},
        summary="PHP 8.4, committed dependencies, pages in the project's folder, served by Apache",
        images=[f"{OURS}php:8.4"],
    ),
    "php of an older version": Case(
        files={"index.php": "", "composer.json": '{"require": {"php": "~8.2.0"}}'},
        summary="PHP 8.2, Composer, pages in the project's folder, served by Apache",
        images=[f"{OURS}php-build:8.2", f"{OURS}php:8.2"],
        install="composer install --no-dev --no-interaction --no-progress --prefer-dist",
        notes=["There is no composer.lock: each build may take other versions. Commit it."],
    ),
    "php with an extension that nobody packs": Case(
        files={"index.php": "", "composer.json": '{"require": {"ext-swoole": "*"}}', "composer.lock": "{}"},
        summary="PHP 8.4, Composer, pages in the project's folder, served by Apache",
        images=[f"{OURS}php-build:8.4", f"{OURS}php:8.4"],
        install="composer install --no-dev --no-interaction --no-progress --prefer-dist --ignore-platform-req=ext-swoole",
        notes=[
            "ext-swoole is required, and Debian has no package of it: the app runs without it. Remove the requirement, or use a Containerfile that installs it."
        ],
    ),
    "php with a line for Heroku": Case(
        files={"web/index.php": "", "Procfile": "web: vendor/bin/heroku-php-apache2 web/\n"},
        summary="PHP 8.4, pages in web/, a Procfile, served by Apache",
        images=[f"{OURS}php:8.4"],
    ),
    "php with a worker": Case(
        files={"index.php": "", "Procfile": "worker: php queue.php\n"},
        summary="PHP 8.4, pages in the project's folder, a Procfile, served by Apache",
        images=[f"{OURS}php:8.4"],
        notes=["The Procfile's worker line is not run: processes beside web come with a later release."],
        processes={"worker": ["sh", "-c", "exec php queue.php"]},
    ),
    "rust": Case(
        files={"Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n', "Cargo.lock": "", "src/main.rs": ""},
        summary="Rust 1.85, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --bin shop",
    ),
    "rust with axum and openssl": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n[dependencies]\naxum = "0.8"\n',
            "Cargo.lock": '[[package]]\nname = "openssl-sys"\n[[package]]\nname = "libsqlite3-sys"\n',
            "src/main.rs": "",
            "static/a.css": "",
        },
        summary="Rust 1.85, Axum, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --locked --bin shop",
        packages=["libsqlite3-0"],
    ),
    "rust vendored": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n',
            "Cargo.lock": "",
            "src/main.rs": "",
            ".cargo/config.toml": '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n',
            "vendor/a/Cargo.toml": "",
        },
        summary="Rust 1.85, vendored crates, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --offline --bin shop",
    ),
    "rust without a lock file": Case(
        files={"Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n', "src/main.rs": ""},
        summary="Rust 1.85, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --bin shop",
        notes=["There is no Cargo.lock: each build may take other versions. Commit it."],
    ),
    "a rust workspace": Case(
        files={
            "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
            "Cargo.lock": "",
            "crates/api/Cargo.toml": '[package]\nname = "api"\nversion = "1.0.0"\n',
            "crates/api/src/main.rs": "",
            "crates/core/Cargo.toml": '[package]\nname = "core"\nversion = "1.0.0"\n',
            "crates/core/src/lib.rs": "",
        },
        summary="Rust 1.85, the program api, starts with /app/bin/api",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --package api --bin api",
    ),
    "rust with a default program": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\ndefault-run = "web"\nversion = "1.0.0"\n',
            "Cargo.lock": "",
            "src/bin/web.rs": "",
            "src/bin/job.rs": "",
        },
        summary="Rust 1.85, the program web, starts with /app/bin/web",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --bin web",
        notes=["web is what is started; job was not built. A Procfile that names it has it built too."],
    ),
    "rust that asks for a newer one": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\nrust-version = "1.99"\n',
            "Cargo.lock": "",
            "src/main.rs": "",
        },
        summary="Rust 1.85, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --ignore-rust-version --bin shop",
        notes=[
            "Cargo.toml asks for Rust >=1.99; Rust 1.85 was taken instead, because there is no base image of it; offered are 1.85."
        ],
    ),
    "rust of the night": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n',
            "Cargo.lock": "",
            "src/main.rs": "",
            "rust-toolchain.toml": '[toolchain]\nchannel = "nightly"\n',
        },
        summary="Rust 1.85, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --bin shop",
        notes=["rust-toolchain.toml asks for Rust nightly; Rust 1.85 was taken instead: Debian has stable ones only."],
    ),
    "rocket": Case(
        files={
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n[dependencies]\nrocket = "0.5"\n',
            "Cargo.lock": "",
            "src/main.rs": "",
        },
        summary="Rust 1.85, Rocket, the program shop, starts with /app/bin/shop",
        images=[f"{OURS}rust-build:1.85", f"{OURS}base:debian-13"],
        build="cargo build --release --bin shop",
    ),
}
