"""What production does not start with, and what is said of settings."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from wisehosting_cp.cli import app
from wisehosting_cp.settings import Settings, settings_table


def production(issuer: str, *, public_url: str = "https://paas.example.org") -> Settings:
    return Settings(
        environment="production",
        database_dsn="postgresql://x",
        api_server_secret_file=Path("/nowhere"),
        public_url=public_url,
        mesh_certificate_file=Path("/nowhere"),
        mesh_key_file=Path("/nowhere"),
        oidc_issuer=issuer,
        oidc_client_id="x",
        oidc_client_secret_file=Path("/nowhere"),
        state_dir=Path("/nowhere"),
    )


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "x.localhost", "localhost.", "127.0.0.1", "127.1", "[::1]", "2130706433", "0x7f000001"],
)
def test_production_refuses_a_provider_on_this_machine_however_it_is_spelled(host: str) -> None:
    for issuer in (f"https://{host}", f"https://{host}:7001/", f"https://someone@{host}"):
        with pytest.raises(ValidationError, match=r"is for \./dev up"):
            production(issuer)


def test_production_wants_https_for_itself_and_for_its_provider() -> None:
    with pytest.raises(ValidationError, match="WISEHOSTING_OIDC_ISSUER must be https"):
        production("http://accounts.example.org")
    with pytest.raises(ValidationError, match="WISEHOSTING_PUBLIC_URL must be https"):
        production("https://accounts.example.org", public_url="http://paas.example.org")
    for issuer in ("https://accounts.google.com", "https://127.example.org", "https://localhost.example.org"):
        assert production(issuer).oidc_issuer == issuer


def test_the_docs_print_the_table_and_every_setting_is_explained() -> None:
    docs = Path(__file__).parents[3] / "docs" / "control-plane.md"
    assert settings_table() in docs.read_text(), "print it anew with: wh-cp settings"
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("name", ["SIGN_IN_DOMAINS", "NETWORK_ALLOW"])
def test_a_list_that_is_no_list_is_named_with_its_form(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"WISEHOSTING_{name}", "s3cret.example.org")
    done = CliRunner().invoke(app, ["bootstrap"])
    assert done.exit_code == 2
    assert done.stderr.strip() == f'WISEHOSTING_{name}: a list in JSON is needed, ["one", "two"]'
