"""Completion in a shell: names of the platform in use at once, or none; and a start of `wh` that loads little."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shopplatform import PLATFORM, Done

from wisehosting_client import access, names
from wisehosting_client.access import Access

Command = Callable[..., Done]


@pytest.fixture
def silent() -> Iterator[Access]:
    """A platform that takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield Access(f"{url}/api/v1", "wh_secret", url, "localhost")


@pytest.fixture
def completed(wh: Command, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    def ask(typed: str, shell: str = "bash") -> list[str]:
        monkeypatch.setenv("_WH_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", typed)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        done = wh()
        assert done.err == ""
        return done.out.split()

    return ask


def test_commands_options_and_the_projects_of_a_fresh_cache_are_completed(
    completed: Callable[[str], list[str]], silent: Access
) -> None:
    access.keep(silent, "one")
    names.remember(silent, ["shop", "ship", "blog"])
    assert completed("wh depl") == ["deploy", "deployments"]
    assert "--since" in completed("wh logs shop --s")
    assert completed("wh status s") == ["ship", "shop"]
    assert completed("wh variables set bl") == ["blog"]


def test_the_projects_are_those_of_the_context_that_was_typed(
    completed: Callable[[str], list[str]], silent: Access
) -> None:
    for name in ("one", "two"):
        platform = silent._replace(token=name)
        access.keep(platform, name)
        names.remember(platform, [f"{name}-app"])
    assert completed("wh --context o") == ["one"]
    assert completed("wh context use ") == ["one", "two"]
    assert completed("wh status --context one ") == ["one-app"]
    assert completed("wh status ") == ["two-app"]


def test_the_list_of_projects_is_remembered_for_the_next_completion(wh: Command) -> None:
    assert wh("projects").code == 0
    access.keep(PLATFORM, "one")
    assert names.projects("") == ["shop"]


def test_a_platform_that_does_not_answer_costs_a_moment_and_gives_nothing(
    completed: Callable[[str], list[str]], silent: Access
) -> None:
    access.keep(silent, "one")
    begin = time.monotonic()
    assert names.projects("") == []
    assert time.monotonic() - begin < 3 * names.PATIENCE


def test_without_a_login_or_with_a_damaged_file_nothing_is_said(completed: Callable[[str], list[str]]) -> None:
    assert completed("wh status ") == []
    access.keep(Access("http://localhost/api/v1", "t", "http://localhost", ""), "one")
    access.kept_in().write_text("{")
    assert completed("wh status ") == []
    assert completed("wh context use ") == []


def test_a_name_that_a_shell_would_run_is_left_out(completed: Callable[[str], list[str]], silent: Access) -> None:
    access.keep(silent, "one")
    names.remember(silent, ["shop", "$(reboot)", "a b", "`id`"])
    assert completed("wh status ") == ["shop"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_wh(
    wh: Command, completed: Callable[..., list[str]], silent: Access, shell: str
) -> None:
    assert f"_WH_COMPLETE=complete_{shell}" in wh("completion", shell).out
    access.keep(silent, "one")
    names.remember(silent, ["shop"])
    assert "shop" in " ".join(completed("wh status sh", shell))


def test_another_shell_is_said_with_those_there_are(wh: Command) -> None:
    done = wh("completion", "tcsh")
    assert (done.code, done.next) == (64, "Next: wh completion --help")
    assert "zsh" in done.err


def test_the_start_of_wh_loads_neither_the_http_client_nor_detection() -> None:
    code = (
        "import sys; from wisehosting_client import cli, grammar; grammar.tree(cli.app);"
        "print([name for name in sys.modules if name.split('.')[0] in {'httpx2', 'msgspec', 'wisehosting_stacks'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_by_the_script(wh: Command, tmp_path: Path) -> None:
    command = tmp_path / "wh"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$_WH_COMPLETE" "$COMP_CWORD" "$(echo $COMP_WORDS)"\n')
    command.chmod(0o755)
    script = (
        wh("completion", "bash").out + f'COMP_WORDS=(wh logs s); COMP_CWORD=2; _wh_completion {command}; printf "%s|" '
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script + '"${COMPREPLY[@]}"'], capture_output=True, text=True, check=True
    )
    assert done.stdout == "complete_bash|2|wh logs s|"
