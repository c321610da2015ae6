"""What the failing step said last, and the hint that people get for it: the commonest mistakes, and what must get none."""

import re
import time

import pytest
from mistakecases import MORE

from wisehosting_agent.build.hints import ALL, AT_START, find, find_at_start
from wisehosting_agent.build.mistake import Mistake, install

RUN = "RUN make"
CASES: list[tuple[str, str, str, str]] = [
    # (what it is, instruction, last lines, what the hint must say)
    (
        "npm-ci",
        "RUN npm ci",
        """\
npm error code EUSAGE
npm error
npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.
npm error
npm error Missing: left-pad@1.3.0 from lock file""",
        "package-lock.json does not match package.json.*Run `npm install`",
    ),
    (
        "npm-ci-without-lock",
        "RUN npm ci",
        "npm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1.",
        "which is not there.*containerignore",
    ),
    (
        "pnpm",
        "RUN pnpm install --frozen-lockfile",
        ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json',
        "pnpm-lock.yaml does not match",
    ),
    (
        "yarn-classic",
        "RUN yarn install --frozen-lockfile",
        "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
        "yarn.lock does not match",
    ),
    (
        "yarn-berry",
        "RUN yarn install --immutable",
        "➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n➤ YN0000: · Failed with errors in 1s 20ms",
        "yarn.lock does not match",
    ),
    ("bun", "RUN bun install", "error: lockfile had changes, but lockfile is frozen", "bun's lock file"),
    (
        "poetry",
        "RUN poetry install",
        "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.",
        "Run `poetry lock`",
    ),
    (
        "uv",
        "RUN uv sync --locked",
        "Resolved 23 packages in 12ms\nerror: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided. To update the lockfile, run `uv lock`.",
        "Run `uv lock`",
    ),
    (
        "pipenv",
        "RUN pipenv install --deploy",
        "Your Pipfile.lock (7cbd7a) is out of date. Expected: (aa01f2).\nERROR:: Aborting deploy",
        "Run `pipenv lock`",
    ),
    (
        "bundler",
        "RUN bundle install",
        "The dependencies in your gemfile changed, but the lockfile can't be updated because frozen mode is set",
        "Gemfile.lock does not match",
    ),
    (
        "bundler-platform",
        "RUN bundle install",
        'Your bundle only supports platforms ["arm64-darwin-23"] but your local platform is x86_64-linux.',
        "add-platform x86_64-linux",
    ),
    (
        "composer",
        "RUN composer install",
        '- Required package "monolog/monolog" is not present in the lock file.\nThis usually happens when composer files are incorrectly merged',
        "composer.lock does not match",
    ),
    (
        "composer-extension",
        "RUN composer install",
        "Your lock file does not contain a compatible set of packages. Please run composer update.\n    - phpoffice/phpspreadsheet 2.1.0 requires ext-gd * -> it is missing from your system.",
        "no extension gd here",
    ),
    (
        "cargo",
        "RUN cargo build --locked",
        "error: the lock file /app/Cargo.lock needs to be updated but --locked was passed to prevent this",
        "Cargo.lock does not match",
    ),
    (
        "go-sum",
        "RUN go build ./...",
        "main.go:5:2: missing go.sum entry for module providing package github.com/go-chi/chi/v5; to add:\n\tgo mod download github.com/go-chi/chi/v5",
        "Run `go mod tidy`",
    ),
    (
        "node-heap",
        "RUN npm run build",
        "<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\nAborted (core dumped)",
        "Node ran out of memory.*max-old-space-size",
    ),
    (
        "cc1plus",
        "RUN pip install .",
        "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.",
        "ran out of memory.*-j1",
    ),
    (
        "pg_config",
        "RUN pip install -r requirements.txt",
        "Error: pg_config executable not found.\n\npg_config is required to build psycopg2 from source.",
        "libpq-dev.*psycopg2-binary",
    ),
    (
        "mysql",
        "RUN pip install mysqlclient",
        "/bin/sh: 1: mysql_config: not found\nException: Can not find valid pkg-config name.",
        "default-libmysqlclient-dev",
    ),
    (
        "gcc",
        "RUN pip install .",
        "building 'demo._speed' extension\nerror: command 'gcc' failed: No such file or directory\nERROR: Failed building wheel for demo",
        "no compiler.*build-essential",
    ),
    (
        "python-h",
        "RUN pip install .",
        "src/speed.c:1:10: fatal error: Python.h: No such file or directory\n    1 | #include <Python.h>\nERROR: Failed building wheel for demo",
        "python3-dev",
    ),
    (
        "node-gyp",
        "RUN npm ci",
        "npm error gyp ERR! find Python Python is not set from command line or npm configuration\nnpm error gyp ERR! configure error",
        "node-gyp.*python3",
    ),
    (
        "libffi",
        "RUN pip install cffi",
        "c/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory",
        "ffi.h is missing.*libffi-dev",
    ),
    (
        "cairo",
        "RUN npm ci",
        "Package cairo was not found in the pkg-config search path.\nPerhaps you should add the directory containing `cairo.pc'",
        "libcairo2-dev",
    ),
    (
        "any-header",
        "RUN pip install x",
        "x.c:3:10: fatal error: snappy-c.h: No such file or directory",
        "header snappy-c.h",
    ),
    (
        "openssl-sys",
        "RUN cargo build",
        "error: failed to run custom build command for `openssl-sys v0.9.103`\n  Could not find directory of OpenSSL installation",
        "libssl-dev",
    ),
    (
        "python-module",
        "RUN python manage.py collectstatic --noinput",
        "    import yaml\nModuleNotFoundError: No module named 'yaml'",
        "module yaml.*`PyYAML`",
    ),
    (
        "distutils",
        "RUN pip install old",
        "    from distutils.core import setup\nModuleNotFoundError: No module named 'distutils'",
        "Python 3.12 and newer",
    ),
    (
        "node-module",
        "RUN node build.js",
        "Error: Cannot find module 'esbuild'\nRequire stack:\n- /app/build.js",
        "no module esbuild.*devDependencies",
    ),
    (
        "capitals-webpack",
        "RUN npm run build",
        "Module not found: Error: Can't resolve './components/header' in '/app/src'",
        "no file ./components/header.*capitals count",
    ),
    (
        "capitals-typescript",
        "RUN npm run build",
        "src/app.ts(3,20): error TS2307: Cannot find module '@/lib/Api' or its corresponding type declarations.",
        "no file @/lib/Api.*capitals count",
    ),
    (
        "package-vite",
        "RUN npm run build",
        '[vite]: Rollup failed to resolve import "dayjs" from "/app/src/main.ts".',
        "package dayjs was not installed",
    ),
    (
        "requires-python",
        "RUN pip install .",
        "ERROR: Package 'shop' requires a different Python: 3.13.5 not in '<3.12,>=3.9'",
        "asks for Python <3.12,>=3.9, and the build has 3.13.5",
    ),
    (
        "poetry-python",
        "RUN poetry install",
        "The currently activated Python version 3.13.5 is not supported by the project (^3.10,<3.12).",
        "asks for Python",
    ),
    (
        "engine-yarn",
        "RUN yarn install",
        'error vite@7.0.0: The engine "node" is incompatible with this module. Expected version "^20.19.0 || >=22.12.0". Got "18.19.0"\nerror Found incompatible module.',
        "asks for Node \\^20.*has 18.19.0",
    ),
    (
        "engine-npm",
        "RUN npm ci",
        "npm error code EBADENGINE\nnpm error engine Unsupported engine",
        "version of Node",
    ),
    (
        "go-version",
        "RUN go build",
        "go: go.mod requires go >= 1.25.0 (running go 1.24.4; GOTOOLCHAIN=local)",
        "asks for Go 1.25.0",
    ),
    (
        "private-npm",
        "RUN npm ci",
        "npm error code E401\nnpm error Incorrect or missing password.",
        "wants a token.*--build",
    ),
    (
        "private-scope",
        "RUN npm ci",
        "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/@acme%2fui - Not found\nnpm error 404\nnpm error 404  '@acme/ui@^1.0.0' is not in this registry.",
        "does not have @acme/ui: a private package",
    ),
    (
        "private-pip",
        "RUN pip install -r requirements.txt",
        "ERROR: HTTP error 403 while getting https://pypi.acme.test/simple/ui/\nERROR: 403 Client Error: Forbidden for url: https://pypi.acme.test/simple/ui/",
        "wants a token",
    ),
    (
        "private-git",
        "RUN go mod download",
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        "private Git repository",
    ),
    (
        "dns",
        "RUN npm ci",
        "npm error code EAI_AGAIN\nnpm error request to https://npm.acme.test/left-pad failed, reason: getaddrinfo EAI_AGAIN npm.acme.test",
        "name could not be resolved",
    ),
    (
        "own-ca",
        "RUN npm ci",
        "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://registry.npmjs.org/x failed, reason: self-signed certificate in certificate chain",
        "build.ca_bundle",
    ),
    (
        "own-ca-pip",
        "RUN pip install x",
        "Could not fetch URL https://pypi.org/simple/x/: SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')) - skipping\nERROR: No matching distribution found for x",
        "build.ca_bundle",
    ),
    (
        "database",
        "RUN python manage.py migrate",
        'psycopg.OperationalError: could not translate host name "db" to address: Temporary failure in name resolution',
        "asks for a database",
    ),
    (
        "copy",
        "COPY Config.toml /app/",
        'stat: "/Config.toml": no such file or directory',
        "no Config.toml.*capitals count",
    ),
    (
        "copy-stage",
        "COPY --from=build /app/dist /srv",
        'stat: "/app/dist": no such file or directory',
        "earlier stage has no app/dist",
    ),
    (
        "not-executable",
        "RUN ./build.sh",
        "/bin/sh: 1: ./build.sh: Permission denied",
        "\\./build.sh may not be executed.*chmod=\\+x",
    ),
    ("crlf", "RUN ./build.sh", "/usr/bin/env: 'bash\\r': No such file or directory", "CRLF"),
    ("crlf-shebang", "RUN ./build.sh", "/bin/sh: 1: ./build.sh: not found", "LF line endings"),
    ("architecture", "RUN ./tool", "/bin/sh: 1: ./tool: Exec format error", "another processor"),
    (
        "disk",
        "RUN npm ci",
        "npm error code ENOSPC\nnpm error syscall write\nnpm error errno -28\nnpm error nospc ENOSPC: no space left on device, write",
        "disk of the build was full",
    ),
    (
        "typescript",
        "RUN npm run build",
        "src/main.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.",
        "TypeScript found errors.*tsc --noEmit",
    ),
    (
        "eslint-ci",
        "RUN npm run build",
        "\nTreating warnings as errors because process.env.CI = true.\nMost CI servers set it automatically.\n\nFailed to compile.\n\n[eslint]\nsrc/App.js\n  Line 3:8:  'x' is defined but never used  no-unused-vars",
        "CI=false",
    ),
    (
        "eslint-next",
        "RUN npm run build",
        "Failed to compile.\n\n./app/page.tsx\n5:7  Error: 'x' is assigned a value but never used.  @typescript-eslint/no-unused-vars",
        "ESLint found errors",
    ),
    ("no-build-script", "RUN npm run build", 'npm error Missing script: "build"', "no script build"),
    ("no-build-script-yarn", "RUN yarn build", 'error Command "build" not found.', "no script build"),
    (
        "peers",
        "RUN npm install",
        "npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error Found: react@19.0.0",
        "same peer.*legacy-peer-deps",
    ),
    (
        "django-key",
        "RUN python manage.py collectstatic --noinput",
        "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.",
        "Django wants SECRET_KEY",
    ),
    (
        "django-static-root",
        "RUN python manage.py collectstatic --noinput",
        "django.core.exceptions.ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path.",
        "Set STATIC_ROOT",
    ),
    (
        "rails-key",
        "RUN bin/rails assets:precompile",
        "ArgumentError: Missing `secret_key_base` for 'production' environment, set this string with `bin/rails credentials:edit`",
        "SECRET_KEY_BASE_DUMMY=1",
    ),
    (
        "rails-master",
        "RUN bin/rails assets:precompile",
        "Missing encryption key to decrypt file with. Ask your team for your master key and write it to /app/config/master.key or put it in the ENV['RAILS_MASTER_KEY'].",
        "RAILS_MASTER_KEY",
    ),
    (
        "prisma",
        "RUN npm run build",
        'Error: @prisma/client did not initialize yet. Please run "prisma generate" and try to import it again.',
        "Prisma's client was not generated",
    ),
    (
        "next",
        "RUN npm run build",
        "Error occurred prerendering page \"/blog\". Read more: https://nextjs.org/docs/messages/prerender-error\nTypeError: fetch failed\n  code: 'ECONNREFUSED'",
        "Next.js renders /blog while it is built",
    ),
    (
        "submodule",
        "RUN cmake .",
        "CMake Error: third_party/fmt is empty. Did you forget to run `git submodule update --init`?",
        "submodule was not checked out",
    ),
    ("sudo", "RUN sudo make", "/bin/sh: 1: sudo: not found", "no sudo in builds"),
    ("dev-tool", "RUN npm run build", "> shop@1.0.0 build\n> vite build\n\nsh: 1: vite: not found", "calls vite"),
    ("pnpm-missing", "RUN pnpm install", "/bin/sh: 1: pnpm: not found", "npm install -g pnpm"),
    ("git-missing", "RUN git describe", "/bin/sh: 1: git: not found", "apt-get install -y --no-install-recommends git"),
    ("tool-missing", "RUN hugo", "/bin/sh: 1: hugo: not found", "command hugo is not in the image"),
    (
        "managed-python",
        "RUN pip install flask",
        "error: externally-managed-environment\n\nx This environment is externally managed",
        "python3 -m venv",
    ),
    (
        "requirements-not-copied",
        "RUN pip install -r requirements.txt",
        "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'",
        "requirements.txt is not there when this step runs",
    ),
    ("apt", "RUN apt-get install -y foo", "E: Unable to locate package foo", "does not find foo"),
    ("variable", "RUN python build.py", "Traceback:\nKeyError: 'API_TOKEN'", "variables set PROJECT API_TOKEN="),
    ("no-wheel", "RUN pip install old", "error: metadata-generation-failed", "ready wheel"),
    (
        "no-version",
        "RUN pip install x",
        "ERROR: No matching distribution found for flask==99",
        "no flask==99 for this Python",
    ),
]

WITHOUT: list[tuple[str, str, str]] = [
    ("nothing", RUN, ""),
    ("own-exit", "RUN sh ci.sh", "start\nboom"),
    ("failing-tests", "RUN pytest", "E       AssertionError: assert 1 == 2\n1 failed, 3 passed in 0.12s"),
    ("compiler", "RUN make", "main.c:3:5: error: expected ';' before 'return'\nmake: *** [Makefile:2: main.o] Error 1"),
    ("syntax", "RUN python setup.py", '  File "setup.py", line 3\nSyntaxError: invalid syntax'),
    (
        "npm-warnings",
        "RUN npm run build",
        "npm warn ERESOLVE overriding peer dependency\nnpm warn EBADENGINE Unsupported engine {\nnpm warn EBADENGINE }\nTypeError: options.map is not a function",
    ),
    (
        "words-in-a-text",
        "RUN sh check.sh",
        "checking that the lock file is fresh\nthe token was fine, memory too\nerror: chapter 3 is missing",
    ),
    (
        "rust",
        "RUN cargo build",
        "error[E0308]: mismatched types\n --> src/main.rs:4:18\nerror: could not compile `shop`",
    ),
    ("go", "RUN go build", "./main.go:9:2: undefined: handler"),
    (
        "next-own-error",
        "RUN npm run build",
        'useSearchParams() should be wrapped in a suspense boundary at page "/".\nError occurred prerendering page "/".',
    ),
    ("a-lower-case-key", RUN, "KeyError: 'name'"),
    ("file-missing-in-run", "RUN cat x", "cat: x: No such file or directory"),
    ("java-tests", "RUN mvn package", "[ERROR] Tests run: 3, Failures: 1\n[ERROR] There are test failures."),
]


@pytest.mark.parametrize(
    ("instruction", "said", "expected"),
    [case[1:] for case in [*CASES, *MORE]],
    ids=[case[0] for case in [*CASES, *MORE]],
)
def test_a_common_mistake_gets_its_hint(instruction: str, said: str, expected: str) -> None:
    hint = find(said.split("\n"), instruction)
    assert hint is not None
    assert re.search(expected, f"{hint.title} {hint.sentence}"), hint


@pytest.mark.parametrize(("instruction", "said"), [case[1:] for case in WITHOUT], ids=[c[0] for c in WITHOUT])
def test_what_nobody_can_tell_gets_no_hint(instruction: str, said: str) -> None:
    assert find(said.split("\n"), instruction) is None


def test_every_mistake_of_the_table_is_told_from_what_a_tool_says() -> None:
    told = {
        next(mistake for mistake in ALL if mistake.hint(said, instruction, ""))
        for _, instruction, said, _ in [*CASES, *MORE]
    }
    assert [mistake.title for mistake in ALL if mistake not in told] == []
    assert len(ALL) >= 100
    assert len({case[0] for case in [*CASES, *MORE]}) == len(CASES) + len(MORE)


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.title[:30])
def test_every_hint_is_a_title_without_full_stop_and_a_sentence_with_one(mistake: Mistake) -> None:
    title, sentence = mistake.title, mistake.sentence
    assert not title.endswith(".")
    assert sentence.endswith(".")
    assert len(title) + len(sentence) <= 400


def test_a_killed_build_without_a_word_is_most_likely_out_of_memory() -> None:
    hint = find(["compiling"], RUN, code=137)
    assert hint is not None
    assert "memory" in hint.title


def test_packages_go_into_the_file_where_the_stack_was_detected_and_into_the_containerfile_otherwise() -> None:
    assert "wisehosting.toml" in install(("libpq-dev", "pkg-config"), "python")
    assert '["libpq-dev", "pkg-config"]' in install(("libpq-dev", "pkg-config"), "python")
    assert "apt-get install -y --no-install-recommends libpq-dev pkg-config" in install(("libpq-dev", "pkg-config"), "")


def test_what_ends_an_app_at_start_is_told_from_the_same_table() -> None:
    assert {mistake in ALL for mistake in AT_START} == {True}
    hint = find_at_start(["ModuleNotFoundError: No module named 'dotenv'"])
    assert hint is not None
    assert "python-dotenv" in hint.sentence
    assert find_at_start(["Segmentation fault"]) is None


def test_lines_without_end_cost_no_time() -> None:
    # Each pattern looks at lines that are cut, so the worst row of a hostile build is a thousand characters.
    nasty = ["a" * 10_000 + ": " * 10_000, "npm error 404  '@" + "/@" * 20_000, "fatal error: " + "./" * 50_000] * 20
    began = time.process_time()
    assert find(nasty, "COPY --from=x y z") is None
    assert time.process_time() - began < 2
