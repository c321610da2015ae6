"""Settings of the control plane: environment variables `WISEHOSTING_*`, or files named by `WISEHOSTING_*_FILE` for secrets."""

import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SAMPLE_WORDS = ("changeme", "change", "secret", "password", "example", "sample", "wisehosting", "default", "test")
LEAST_REST = 8
"""Letters and digits that are left of a good secret when sample words are taken out."""
LEAST_DISTINCT = 8
"""A random text of 16 characters has more different ones."""
MOST_BYTES = 64 * 1024


_SHORT_LOOPBACK = re.compile(r"127(\.\d+){0,3}|0x7f[0-9a-f]*|2130706433")
"""Spellings of 127.0.0.1 that a resolver understands and `ipaddress` does not."""


class Settings(BaseSettings):
    """Everything the control plane needs to know at start. A missing or short secret stops it."""

    model_config = SettingsConfigDict(env_prefix="WISEHOSTING_", extra="ignore", use_attribute_docstrings=True)

    environment: Literal["local", "production"] = "production"
    """`local` is `./dev up`: loopback repositories and the loopback sign-in provider are accepted."""
    database_dsn: str
    """`postgresql://user@/database?host=/socket/folder`; asyncpg's form."""
    master_key_file: Path | None = None
    """32 random bytes, mode 0600; every other key is derived from it. Not looked at where systemd gives the credential
    `wisehosting-master-key`."""
    api_server_secret_file: Path
    """The outer gate of worker registration, at least 32 characters."""

    public_url: str
    """What browsers see, `http://localhost:7000`. Origin and Host are checked against it."""
    public_address: str = "127.0.0.1"
    """Where browsers, `wh` and cloudflared are listened to."""
    public_port: int = 7000
    """Port of the same."""
    mesh_address: str = "127.0.0.1"
    """Where workers are listened to, with TLS: the control plane's address in the mesh."""
    mesh_port: int = 7002
    """Port of the same."""
    mesh_certificate_file: Path
    """Certificate that workers see, PEM."""
    mesh_key_file: Path
    """Its private key, PEM, mode 0600."""

    apps_domain: str = "localhost:8080"
    """Generated hostnames end in it; the port is part of the URL only."""
    apps_address: str = "127.0.0.1:8080"
    """Where the outermost edge answers: the last probe before `live` goes there with the Host header."""
    apps_scheme: Literal["http", "https"] = "http"
    """How apps are reached from outside."""

    oidc_issuer: str
    """The sign-in provider, `https://accounts.google.com`: its metadata is read from there."""
    oidc_client_id: str
    """What the provider knows this platform as."""
    oidc_client_secret_file: Path
    """What it gave with that, at least 16 characters, mode 0600."""
    behind_cloudflared: bool = False
    """cloudflared on this host brings the requests: its word for the client's address counts, from loopback only."""
    sign_ins_per_5_minutes: int = Field(default=30, ge=1)
    """Of one address: sign-ins begun and ended, invitations looked at, tokens and cookies that nobody knows."""
    requests_per_minute: int = Field(default=1200, ge=1)
    """Of one person, by browsers and tokens together."""
    streams_per_person: int = Field(default=32, ge=1)
    """Event streams that one person may hold open at a time, in one process: tabs, logs that are followed, programs."""
    cookie_name: str = "wh_session"
    """The session's cookie; on https `__Host-` stands before it."""
    sign_up: Literal["closed", "invitation", "open"] = "invitation"
    """Who gets an account at a first sign-in: nobody but the first operator, whoever was invited, or everybody."""
    sign_in_domains: list[str] = Field(default_factory=list)
    """Only e-mail addresses of these domains may sign in; all when empty. A JSON list, `["example.org"]`; subdomains are
    named one by one."""
    second_factor_reset_hours: float = Field(default=24, ge=0)
    """So long after an operator asked for it a lost second factor is taken away; its owner may cancel meanwhile."""

    example_repository: str | None = None
    """Git URL of the example application, offered in one click."""
    poll_seconds: float = 60
    """How often the branch of a project is looked at where no webhook tells of pushes."""
    git_user: str = "wisehosting-git"
    """The user whose rights git has in its sandbox."""
    network_allow: list[str] = Field(default_factory=list)
    """Private addresses and networks that apps, builds and checkouts may reach; a JSON list, `["10.0.3.0/24"]`."""
    state_dir: Path
    """Folder of the control plane's own files: git's work folders, the anchor of the audit trail."""

    log_bytes: int = 8 * 1024 * 1024
    """What the log of one build or instance may take, compressed; the oldest lines go first."""
    log_days: int = 14
    """How long logs are kept."""

    app_memory_max: int = 4 * 1024**3
    """Bytes that wisehosting.toml may ask for one instance."""

    pool_slots: int = 8
    """Instances that one backend of the ingress can hold: the most that `web` is scaled to."""
    deletion_grace_days: float = 7
    """How long a deleted team, project or environment can be restored."""
    images_kept: int = Field(default=5, ge=1)
    """So many of the newest images of each environment's releases stay where they are, for a rollback."""

    log_format: Literal["json", "console"] = "json"
    """`console` is for people."""

    @property
    def local(self) -> bool:
        """True in `./dev up`: loopback repositories and the loopback provider are accepted."""
        return self.environment == "local"

    @property
    def secure_cookies(self) -> bool:
        """Browsers drop Secure cookies on plain http except on loopback names; production is always https."""
        return self.public_url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The name of the session's cookie; the others' begin with it.

        With the prefix browsers take it from this host alone, over https and for all paths (RFC 6265bis §4.1.3.2): an app
        on a sibling name cannot plant one of its own.
        """
        return f"__Host-{self.cookie_name}" if self.secure_cookies else self.cookie_name

    @model_validator(mode="after")
    def _production_is_strict(self) -> "Settings":
        if self.environment == "production":
            issuer = urlsplit(self.oidc_issuer)
            if _is_loopback(issuer.hostname or ""):
                raise ValueError("the loopback sign-in provider is for ./dev up; set WISEHOSTING_OIDC_ISSUER")
            if issuer.scheme != "https":
                raise ValueError("WISEHOSTING_OIDC_ISSUER must be https in production")
            if not self.public_url.startswith("https://"):
                raise ValueError("WISEHOSTING_PUBLIC_URL must be https in production")
        return self


def settings_table() -> str:
    """Return the table as it stands in the docs: a line a setting, in Markdown."""
    lines = ["| Variable | Default | What it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "**needed**" if field.is_required() else _told(field.get_default(call_default_factory=True))
        says = " ".join((field.description or "").split())
        lines.append(f"| `WISEHOSTING_{name.upper()}` | {default} | {says[:1].upper()}{says[1:]} |")
    return "\n".join(lines) + "\n"


def _told(default: object) -> str:
    if default is None or default == "":
        return ""
    return f"`{json.dumps(default) if isinstance(default, bool | list) else default}`"


def _is_loopback(host: str) -> bool:
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or _SHORT_LOOPBACK.fullmatch(host):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_private(path: Path, *, setting: str, make: str, shared: int = 0o077) -> bytes:
    """Read a file that only its owner, who is us or root, may read. Raises ValueError that names the setting and what to do.

    `shared` are the bits of the mode that nobody may have.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            content = file.read(MOST_BYTES)
    except OSError as error:
        raise ValueError(f"{setting}: cannot read {path}: {error.strerror}. {make}") from error
    if found.st_mode & shared:
        raise ValueError(f"{setting}: {path} is readable by others. Run: chmod 600 {path}")
    if found.st_uid not in {0, os.geteuid()}:
        raise ValueError(f"{setting}: {path} belongs to another user. Run: chown root {path}, or to the service's user")
    if not content.strip():
        raise ValueError(f"{setting}: {path} is empty. {make}")
    return content


def read_secret(path: Path, *, least: int = 32, setting: str = "A secret", make: str = "Make a new one.") -> SecretStr:
    """Read a secret text. Raises ValueError when it is missing, readable by others, short or a known sample."""
    try:
        text = read_private(path, setting=setting, make=make).decode().strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"{setting}: {path} is not text. {make}") from error
    if len(text) < least:
        raise ValueError(f"{setting}: the secret in {path} is shorter than {least} characters. {make}")
    if _sample(text):
        raise ValueError(f"{setting}: the secret in {path} is a sample or a pattern, not random. {make}")
    return SecretStr(text)


def _sample(text: str) -> bool:
    """Tell whether a text is made of sample words, or of few different characters."""
    rest = text.lower()
    for word in SAMPLE_WORDS:
        rest = rest.replace(word, "")
    return len(re.sub(r"[\W_]+", "", rest)) < LEAST_REST or len(set(text)) < LEAST_DISTINCT


def check_secrets(settings: Settings) -> None:
    """Look at every secret file but the master key's before anything is started. Raises ValueError for the first bad one."""
    api = settings.api_server_secret_file
    read_secret(
        api,
        setting="WISEHOSTING_API_SERVER_SECRET_FILE",
        make=f"Make one: (umask 077; openssl rand -base64 48 > {api})",
    )
    read_secret(
        settings.oidc_client_secret_file,
        least=16,
        setting="WISEHOSTING_OIDC_CLIENT_SECRET_FILE",
        make="Copy it from the client's page at the sign-in provider.",
    )
    make = "Put the private key of the mesh certificate there, PEM."
    key = read_private(settings.mesh_key_file, setting="WISEHOSTING_MESH_KEY_FILE", make=make)
    if b"PRIVATE KEY-----" not in key:
        raise ValueError(f"WISEHOSTING_MESH_KEY_FILE: {settings.mesh_key_file} holds no private key. {make}")
