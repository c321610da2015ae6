"""`wh-cp local-user add`: accounts of the sign-in provider of `./dev up`."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from wisehosting_cp.local.commands import users
from wisehosting_cp.local.provider import AccountStore

app = typer.Typer()
app.add_typer(users, name="local-user")
PASSWORD = "correct horse battery staple"


def test_an_added_account_can_sign_in(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0\n")
    done = CliRunner().invoke(
        app, ["local-user", "add", "ada", "--full-name", "Ada", "--state", str(tmp_path)], input=PASSWORD
    )
    assert done.exit_code == 0, done.output
    assert "ada can sign in now." in done.output
    assert AccountStore(tmp_path / "provider").check("ada", PASSWORD) is not None


def test_a_folder_without_a_platform_is_named_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "typo"
    done = CliRunner().invoke(app, ["local-user", "add", "ada", "--state", str(missing)], input=PASSWORD)
    assert done.exit_code == 1
    assert "There is no platform at" in done.output
    assert not missing.exists()


def test_a_name_that_cannot_be_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0\n")
    done = CliRunner().invoke(app, ["local-user", "add", "Not A Name", "--state", str(tmp_path)], input=PASSWORD)
    assert done.exit_code == 1
    assert "name" in done.output
