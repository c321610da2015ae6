"""The command `wh` at a platform with one project."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from shopplatform import PLATFORM, Done, Shop

from wisehosting_client import cli, terminal
from wisehosting_client.api import Api


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def wh(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Done]:
    transport = httpx2.MockTransport(lambda request: shop.answer(request))  # noqa: PLW0108 - a test may put another in its place
    monkeypatch.setattr(terminal, "connect_to", lambda found: Api(found, transport=transport, wait=lambda _: None))
    monkeypatch.setattr(terminal, "connect", lambda: terminal.connect_to(PLATFORM))
    for name in ("WISEHOSTING_API", "WISEHOSTING_TOKEN", "WH_CONTEXT", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TZ", "UTC")

    def command(*argv: str, typed: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["wh", *argv])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return command
