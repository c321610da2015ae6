"""Texts that are made to be slow or to break what reads them. The slow ones end only when each is read in one pass."""

import json

import pytest

from wisehosting_stacks import Tree, app_file, detect
from wisehosting_stacks.procfile import processes
from wisehosting_stacks.python_sources import LARGEST, MOST, PythonSources
from wisehosting_stacks.static import by_name
from wisehosting_stacks.versions import LONGEST

NINES = "9" * 5000
MANY = 300_000


@pytest.mark.parametrize(
    "files",
    [
        {".python-version": NINES},
        {"runtime.txt": f"python-{NINES}"},
        {".tool-versions": f"python 3.{NINES}"},
        {"pyproject.toml": f'[project]\nname = "a"\nrequires-python = ">=3.{NINES}"\n'},
    ],
)
def test_a_version_of_thousands_of_digits_is_none(files: dict[str, str]) -> None:
    plan = detect(Tree.of({"main.py": "", **files}))
    assert plan.version.taken == "3.13"
    assert len(plan.version.asked) == LONGEST
    assert "in more than 200 characters, which is no version; Python 3.13 was taken instead" in plan.version.note


def test_a_procfile_of_spaces_is_read_in_one_pass() -> None:
    assert processes(Tree.of({"Procfile": "web: a" + " " * MANY + "b"})) == {"web": "a" + " " * MANY + "b"}
    assert processes(Tree.of({"Procfile": "web:  a b \n web: c\nworker:\nworker: d\n"})) == {
        "web": "a b",
        "worker": "d",
    }


def test_headers_of_spaces_are_read_in_one_pass() -> None:
    value = "a" + " " * MANY + "b"
    assert by_name(f"/\n  X-A:   {value}  \n  X-B:\n") == {"x-a": [("^/$", value)]}


def test_settings_of_empty_lines_are_read_in_one_pass() -> None:
    files = {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
        "shop/settings.py": "\n" * MANY + "STATIC_ROOT = 'collected'\n",
    }
    assert detect(Tree.of(files)).build == "python manage.py collectstatic --no-input"


def test_a_key_of_a_hundred_thousand_parts_makes_a_broken_document() -> None:
    tree = Tree.of({"pyproject.toml": "a." * MANY + "a = 1", "spaced.toml": "a . " * MANY + "a = 1"})
    assert (tree.toml("pyproject.toml"), tree.toml("spaced.toml")) == ({}, {})


@pytest.mark.parametrize(
    "text",
    [
        '"\\"".' + "a." * 30_000 + '"\\"" = 1',
        'x = ["""\n""""", {' + "a." * 30_000 + 'a = 1, b = ""}]',
        '"a b".' * 30_000 + "a = 1",
        "[" + "a." * 10_000 + "a]\n" + "".join(f"k{number} = 1\n" for number in range(10_000)),
    ],
    ids=["after an escaped quote", "after a string of lines", "quoted", "of a table"],
)
def test_parts_of_keys_are_counted_whatever_is_quoted_around_them(text: str) -> None:
    assert Tree.of({"pyproject.toml": text}).toml("pyproject.toml") == {}


def test_all_frameworks_look_at_sources_that_are_read_once() -> None:
    files = {f"m{number:02}.py": "# FastAPI Flask App\n" + "a = 1\n" * 30_000 for number in range(6)}
    files |= {"m03.py": "import falcon\napi = falcon.App()\n", "m04.py": "from flask import Flask\napp = Flask('a')\n"}
    plan = detect(Tree.of({"requirements.txt": "fastapi\nflask\nfalcon\ngunicorn\n", **files}))
    assert (plan.framework, plan.start[-1]) == ("Flask", "m04:app")


def test_many_dots_in_strings_are_no_key() -> None:
    pins = ", ".join(f'"p{number}==1.2.3"' for number in range(500))
    tree = Tree.of({"pyproject.toml": f"[project]\ndependencies = [{pins}]\n"})
    assert len(tree.toml("pyproject.toml")["project"]["dependencies"]) == 500


@pytest.mark.parametrize("text", [f"port = {NINES}", "a = " + "[" * 5000, "a." * MANY + "a = 1"])
def test_a_settings_file_that_cannot_be_read_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(app_file.SettingsRefused, match=r"^wisehosting\.toml is not valid TOML: .*Correct that line\.$"):
        app_file.read(text)


def test_not_more_sources_are_read_than_a_worker_has_time_for() -> None:
    app = "from flask import Flask\napp = Flask(__name__)\n"
    files = {f"m{number}.py": app for number in range(3)}
    tree = Tree.of({**files, "z.py": "a" * (LARGEST + 1)})
    sources = PythonSources(tree)
    assert [len(sources.body(path)) for path in files] == [2, 2, 2]
    assert sources.body("z.py") == ()
    padded = "a = 1\n" * (LARGEST // 6)
    many = PythonSources(Tree.of({f"m{number}.py": padded for number in range(9)}))
    assert sum(bool(many.body(f"m{number}.py")) for number in range(9)) == MOST // len(padded)


@pytest.mark.parametrize(
    "source",
    [
        *("-" * MANY + "1", "a" + ".a" * 90_000, "1" + "+1" * 90_000, "f" + "()" * 90_000, "lambda:" * 30_000 + "1"),
        *("(" * MANY, "if a:\n x\n" + "elif a:\n x\n" * 5000, "\x00", "\ud800", "9" * MANY, "def (:", "f'{" * 50_000),
    ],
    ids=lambda source: repr(source[:9]),
)
def test_a_source_that_cannot_be_read_is_passed_over(source: str) -> None:
    files = {"requirements.txt": "flask\ngunicorn\n", "app.py": f"# Flask\n{source}", "wsgi.py": "app = Flask('a')\n"}
    assert detect(Tree.of(files)).start[-1] == "wsgi:app"


def test_a_setup_cfg_of_spaces_is_read_in_one_pass() -> None:
    files = {"setup.py": "", "setup.cfg": "[options]\na" + " " * MANY + "b\ninstall_requires = flask\n", "app.py": ""}
    assert "Flask is a dependency" in detect(Tree.of(files)).notes[0]


@pytest.mark.parametrize(
    "files",
    [
        {"go.mod": "\n" * MANY, "main.go": "package main\n"},
        {"go.mod": "require " + "a." * MANY, "main.go": "package main\n"},
        {"go.mod": "module a.b/c\n", "main.go": "\n" * MANY + "package main\n"},
        {"Gemfile": "\n" * MANY + "gem 'sinatra'\n", "config.ru": ""},
        {"Gemfile": "gem 'sinatra'\n", "Gemfile.lock": "RUBY VERSION\n" + "\n" * MANY, "config.ru": ""},
        {"pom.xml": "<java.version>" + " " * MANY},
        {"pom.xml": "<a/>", "Procfile": "web: " + "a/" * MANY + " " + "target/" * 50_000},
        {
            "build.gradle": "'org.springframework.boot' " * 15_000,
            "a/build.gradle": "'org.springframework.boot' " * 15_000 + "rootProject.name = '" + "a" * MANY,
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        {
            "build.gradle": "application" + " " * MANY,
            "settings.gradle": "rootProject.name = '" * 20_000,
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        {"Gemfile": "ruby " + "'1" * MANY + "\nruby" + " " * MANY, "app.rb": ""},
        {"Gemfile": "ruby '3'\n", "Gemfile.lock": "PLATFORMS\n" + "  a\n" * MANY + "b", "app.rb": ""},
        {"index.php": "", "Procfile": "web: " + "&& " * MANY + "heroku-php-apache2"},
        {
            "build.gradle": "sourceCompatibility" + " " * MANY,
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        {"package.json": '{"scripts": {"start": "' + "build " * 50_000 + '"}}', "server.js": ""},
        {"package.json": "{}", "server.js": "", "pnpm-workspace.yaml": "packages:" + " " * MANY + "\n" * MANY},
        {"package.json": '{"dependencies": {"next": "15"}}', "next.config.js": "output " * 50_000},
        {"index.php": "", "Procfile": "web: heroku-php-apache2" + " -a b" * 50_000},
    ],
    ids=" and ".join,
)
def test_long_texts_of_every_language_are_read_in_one_pass(files: dict[str, str]) -> None:
    assert detect(Tree.of(files)).summary


@pytest.mark.parametrize("glob", ["a*" * 60 + "x", "**/" * 60 + "x", "*" * 3000 + "x", "a/" * 50_000, "[a-" * 1000])
def test_globs_of_a_workspace_are_matched_in_one_pass(glob: str) -> None:
    files = {"package.json": json.dumps({"main": "b.js", "workspaces": [glob, f"!{glob}"]}), "b.js": ""}
    folders = {f"{'a' * 200}/package.json": "{}", f"{'a/' * 60}package.json": "{}"}
    assert detect(Tree.of(files | folders)).start == ("node", "b.js")


def test_a_workspace_of_very_many_packages_is_read_in_part() -> None:
    read: list[str] = []
    files = {"package.json": '{"main": "b.js", "workspaces": ["*"]}', "b.js": ""}

    def text(path: str) -> str:
        read.append(path)
        return files.get(path, "{}")

    tree = Tree([*files, *(f"a{number}/package.json" for number in range(20_000))], text)
    assert detect(tree).start == ("node", "b.js")
    assert len(read) < 1000


@pytest.mark.parametrize("line", ["packages:" + " " * MANY + "x", "packages:\n  -" + " " * MANY + "#"])
def test_lists_of_a_workspace_of_spaces_are_read_in_one_pass(line: str) -> None:
    files = {"package.json": '{"main": "b.js"}', "b.js": "", "pnpm-workspace.yaml": line}
    assert detect(Tree.of(files)).start == ("node", "b.js")
