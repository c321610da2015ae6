"""Settings of the control plane: environment variables `WISEHOSTING_*`, or files named by `WISEHOSTING_*_FILE` for secrets."""

import ipaddress
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SAMPLE_SECRETS = frozenset({"changeme", "secret", "password", "example", "wisehosting"})


class Settings(BaseSettings):
    """Everything the control plane needs to know at start. A missing or short secret stops it."""

    model_config = SettingsConfigDict(env_prefix="WISEHOSTING_", extra="ignore")

    environment: Literal["local", "production"] = "production"
    database_dsn: str
    """`postgresql://user@/database?host=/socket/folder`; asyncpg's form."""
    master_key_file: Path
    """32 random bytes, mode 0600; every other key is derived from it."""
    api_server_secret_file: Path
    """The outer gate of worker registration, at least 32 characters."""

    public_url: str
    """What browsers see, `http://localhost:7000`. Origin and Host are checked against it."""
    public_address: str = "127.0.0.1"
    public_port: int = 7000
    mesh_address: str = "127.0.0.1"
    mesh_port: int = 7002
    mesh_certificate_file: Path
    mesh_key_file: Path

    apps_domain: str = "localhost:8080"
    """Generated hostnames end in it; the port is part of the URL only."""
    apps_address: str = "127.0.0.1:8080"
    """Where the outermost edge answers: the last probe before `live` goes there with the Host header."""
    apps_scheme: Literal["http", "https"] = "http"

    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret_file: Path
    cookie_name: str = "wh_session"
    second_factor_reset_hours: float = Field(default=24, ge=0)
    """So long after an operator asked for it a lost second factor is taken away; its owner may cancel meanwhile."""

    example_repository: str | None = None
    """Git URL of the example application, offered in one click."""
    poll_seconds: float = 60
    git_user: str = "wisehosting-git"
    network_allow: list[str] = Field(default_factory=list)
    """Private addresses tenants, builds and checkouts may reach."""
    state_dir: Path
    """Sandboxed git work folders."""

    log_bytes: int = 8 * 1024 * 1024
    """What the log of one build or instance may take, compressed; the oldest lines go first."""
    log_days: int = 14
    """How long logs are kept."""

    app_memory_max: int = 4 * 1024**3
    """Bytes that wisehosting.toml may ask for one instance."""

    pool_slots: int = 8
    """Instances that one backend of the ingress can hold: the most that `web` is scaled to."""
    deletion_grace_days: float = 7
    """How long a deleted project or environment can be restored."""
    images_kept: int = Field(default=5, ge=1)
    """So many of the newest images of each environment's releases stay where they are, for a rollback."""

    id_base: int = 1_000_000_000
    log_format: Literal["json", "console"] = "json"

    @property
    def local(self) -> bool:
        """True in `./dev up`: loopback repositories and the loopback provider are accepted."""
        return self.environment == "local"

    @property
    def secure_cookies(self) -> bool:
        """Browsers drop Secure cookies on plain http except on loopback names; production is always https."""
        return self.public_url.startswith("https://")

    @model_validator(mode="after")
    def _production_is_strict(self) -> "Settings":
        if self.environment == "production":
            host = self.oidc_issuer.split("//", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
            if host == "localhost" or _is_loopback(host):
                raise ValueError("the loopback sign-in provider is for ./dev up; set WISEHOSTING_OIDC_ISSUER")
            if not self.public_url.startswith("https://"):
                raise ValueError("WISEHOSTING_PUBLIC_URL must be https in production")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_secret(path: Path, *, least: int = 32) -> SecretStr:
    """Read a secret file. Raises ValueError when it is missing, readable by others, short or a known sample."""
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise ValueError(f"cannot read the secret {path}: {error.strerror}") from error
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path} is readable by others. Run: chmod 600 {path}")
    if len(text) < least or text.lower() in SAMPLE_SECRETS:
        raise ValueError(f"the secret in {path} is shorter than {least} characters or a sample; make a new one")
    return SecretStr(text)
