"""An ejected project is built by its own Containerfile to the same result."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_stacks import BuildSettings, Tree, app_file
from wisehosting_stacks.decide import Decision, Way, decide
from wisehosting_stacks.eject import ejected
from wisehosting_stacks.folder import tree_of
from wisehosting_stacks.procfile import argv

APPS = Path(__file__).parents[2] / "apps"
PAGE = {"index.html": "hello"}
TUNED = """# ours
port = 3000
[build]
stack = "static"
output = "site"
apt = ["jq"]
[health]
path = "/up"
within_seconds = 12.5
[resources]
memory = "1 GB"
[runtime]
writable = true
capabilities = ["SETUID"]
"""


def eject(files: dict[str, str], settings: BuildSettings | None = None) -> tuple[Decision, dict[str, str]]:
    tree = Tree.of(files)
    decision = decide(tree, settings or BuildSettings())
    assert decision.plan is not None
    return decision, ejected(tree, decision.plan)


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        (PAGE, BuildSettings()),
        (PAGE, BuildSettings(port=4000, fallback="/index.html")),
        ({"wisehosting.toml": TUNED, "site/index.html": "hello"}, BuildSettings()),
    ],
)
def test_an_ejected_tree_is_decided_as_its_own_containerfile_with_the_same_text_start_and_port(
    files: dict[str, str], settings: BuildSettings
) -> None:
    before, written = eject(files, settings)
    assert before.plan is not None
    tree = Tree.of({**files, **written})
    after = decide(tree, BuildSettings())
    assert (after.way, after.name) == (Way.containerfile, "Containerfile")
    assert tree.text(after.name) == before.plan.containerfile
    assert after.settings.port == before.plan.port
    commands = [row for row in tree.text(after.name).splitlines() if row.startswith("CMD ")]
    assert json.loads(commands[-1].removeprefix("CMD ")) == list(before.plan.start)
    assert {path: tree.text(f".wisehosting/{path}") for path in before.plan.files} == before.plan.files


@pytest.mark.parametrize("folder", sorted(path.name for path in APPS.iterdir() if path.is_dir()))
def test_every_sample_that_is_detected_is_the_same_when_it_is_ejected(folder: str) -> None:
    tree = tree_of(APPS / folder)
    before = decide(tree, BuildSettings())
    if before.plan is None:
        assert before.way is Way.containerfile
        return
    written = ejected(tree, before.plan)
    after = decide(
        Tree(tree.paths | written.keys(), lambda path: written.get(path) or tree.text(path)), BuildSettings()
    )
    assert (after.way, after.name, after.settings.port) == (Way.containerfile, "Containerfile", before.plan.port)
    commands = [row for row in written["Containerfile"].splitlines() if row.startswith("CMD ")]
    assert json.loads(commands[-1].removeprefix("CMD ")) == list(before.plan.start)


def test_what_the_file_says_of_running_stays_and_what_it_says_of_detection_goes() -> None:
    _, written = eject({"wisehosting.toml": TUNED, "site/index.html": "hello"})
    document = tomllib.loads(written["wisehosting.toml"])
    assert document.pop("build") == {"containerfile": "Containerfile"}
    assert document == {name: value for name, value in tomllib.loads(TUNED).items() if name != "build"}
    assert app_file.read(written["wisehosting.toml"]).app == app_file.read(TUNED).app


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1))
def test_whatever_words_a_command_has_they_are_read_back_from_the_written_file(words: list[str]) -> None:
    listed = json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
    file = f"[processes.web]\ncommand = {listed}\n"
    tree = Tree.of({"wisehosting.toml": file, **PAGE})
    decision = decide(tree, BuildSettings())
    assert decision.plan is not None
    written = ejected(tree, decision.plan)["wisehosting.toml"]
    assert app_file.read(written).app.command == words


def test_build_variables_that_are_named_reach_the_ejected_containerfile() -> None:
    tree = Tree.of(PAGE)
    plan = decide(tree, BuildSettings()).plan
    assert plan is not None
    plan = msgspec.structs.replace(plan, containerfile="FROM scratch\nRUN make\n")
    assert ejected(tree, plan, ["TOKEN"])["Containerfile"] == (
        'FROM scratch\nRUN --mount=type=secret,id=TOKEN export TOKEN="$(cat /run/secrets/TOKEN)" && make\n'
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("python app.py", ("python", "app.py")),
        ("node 'my server.js' --name=\"a b\"", ("node", "my server.js", "--name=a b")),
        ("gunicorn app:app -b 0.0.0.0:$PORT", ("sh", "-c", "exec gunicorn app:app -b 0.0.0.0:$PORT")),
        ("./migrate && ./serve", ("sh", "-c", "./migrate && ./serve")),
        ("MODE=fast ./serve", ("sh", "-c", "MODE=fast ./serve")),
        ("uvicorn main:app --forwarded-allow-ips '*'", ("uvicorn", "main:app", "--forwarded-allow-ips", "*")),
        ('say "a && b" \\$1', ("say", "a && b", "$1")),
        ('say "$HOME"', ("sh", "-c", 'exec say "$HOME"')),
        ("  ", ()),
    ],
)
def test_a_typed_command_is_its_words_unless_it_needs_a_shell(typed: str, meant: tuple[str, ...]) -> None:
    assert argv(typed) == meant


def test_a_quotation_that_does_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="No closing quotation"):
        argv("echo 'oh")
