"""The command `wh` at a platform with one project."""

import io
import sys
from collections.abc import Callable

import httpx2
import pytest
from shopplatform import PLATFORM, Done, Shop

from wisehosting_client import cli, terminal
from wisehosting_client.api import Api


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def wh(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    transport = httpx2.MockTransport(shop.answer)
    monkeypatch.setattr(terminal, "connect", lambda: Api(PLATFORM, transport=transport, wait=lambda _: None))
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
