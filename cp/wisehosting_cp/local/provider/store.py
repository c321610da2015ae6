"""What the provider keeps in its folder: the signing key, accounts with scrypt hashes, the one-use link. Files of mode 0600.

`accounts.json` is read again when it changed, so that `wh-cp local-user add` works while the platform runs.
"""

import contextlib
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from joserfc.jwk import RSAKey

NAME = re.compile(r"[a-z][a-z0-9.-]{0,38}\Z")
OPERATOR = "operator"
KEY_BITS = 2048
LINK_SECONDS = 24 * 3600
PASSWORD_LEAST = 10
SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}


class NameRefused(Exception):
    """The account cannot be made; the message says why."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    name: str
    """Also the subject; never changes."""
    full_name: str
    email: str
    operator: bool = False
    salt: str
    password: str
    """scrypt hash, hexadecimal."""


class _Link(msgspec.Struct, kw_only=True):
    code: str
    """SHA-256, hexadecimal."""
    expires: float


class AccountStore:
    """The accounts of the provider."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "accounts.json"
        self._read_at: tuple[int, int] | None = None
        self._accounts: dict[str, Account] = {}

    def prepare(self) -> None:
        """Make the operator's account with a password that nobody is told. A second run changes nothing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.get(OPERATOR) is None:
            with contextlib.suppress(NameRefused):
                self._add(OPERATOR, secrets.token_urlsafe(32), full_name="Operator", operator=True)

    def get(self, name: str) -> Account | None:
        """Return the account of this name."""
        return self._load().get(name)

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(self._load())

    def add(self, name: str, password: str, *, full_name: str = "") -> Account:
        """Add an account. Raises NameRefused when the name is taken or not allowed, or the password too short."""
        if not NAME.match(name):
            raise NameRefused(
                f"{name!r} is no account name: use small letters, digits, dots and dashes, and begin with a letter."
            )
        if len(password) < PASSWORD_LEAST:
            raise NameRefused(f"The password needs at least {PASSWORD_LEAST} characters.")
        return self._add(name, password, full_name=full_name or name, operator=False)

    def check(self, name: str, password: str) -> Account | None:
        """Return the account when the password is right. An unknown name takes as long as a wrong password."""
        account = self.get(name)
        salt = bytes.fromhex(account.salt) if account else bytes(16)
        given = hashlib.scrypt(password.encode(), salt=salt, **SCRYPT)
        kept = bytes.fromhex(account.password) if account else bytes(32)
        return account if hmac.compare_digest(given, kept) and account else None

    def _add(self, name: str, password: str, *, full_name: str, operator: bool) -> Account:
        salt = secrets.token_bytes(16)
        account = Account(
            name=name,
            full_name=full_name,
            email=f"{name}@localhost",
            operator=operator,
            salt=salt.hex(),
            password=hashlib.scrypt(password.encode(), salt=salt, **SCRYPT).hex(),
        )
        with _locked(self._folder):
            accounts = dict(self._load())
            if name in accounts:
                raise NameRefused(f"There is an account {name} already. Choose another name.")
            accounts[name] = account
            _write(self._path, msgspec.json.format(msgspec.json.encode(list(accounts.values()))))
        return account

    def _load(self) -> dict[str, Account]:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return {}
        seen = (state.st_mtime_ns, state.st_ino)
        if seen != self._read_at:
            rows = msgspec.json.decode(self._path.read_bytes(), type=list[Account])
            self._accounts, self._read_at = {row.name: row for row in rows}, seen
        return self._accounts


def signing_key(folder: Path) -> RSAKey:
    """Return the provider's RSA key; the first call makes it."""
    path = folder / "signing-key.pem"
    with _locked(folder):
        if not path.exists():
            key = RSAKey.generate_key(KEY_BITS)
            _write(path, key.as_pem(private=True))
    key = RSAKey.import_key(path.read_bytes())
    return RSAKey.import_key(path.read_bytes(), {"kid": key.thumbprint(), "use": "sig", "alg": "RS256"})


def new_link(folder: Path) -> str:
    """Make the one-use code of `/link/<code>`; it takes the place of the one before and lasts a day."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    code = secrets.token_urlsafe(32)
    with _locked(folder):
        link = _Link(code=_hash(code), expires=time.time() + LINK_SECONDS)
        _write(folder / "link.json", msgspec.json.encode(link))
    return code


def use_link(folder: Path, code: str) -> bool:
    """Use a code up; False when it was used, replaced or is too old. One of two callers gets it."""
    path = folder / "link.json"
    with _locked(folder):
        try:
            link = msgspec.json.decode(path.read_bytes(), type=_Link)
        except FileNotFoundError:
            return False
        if not hmac.compare_digest(link.code, _hash(code)) or link.expires < time.time():
            return False
        path.unlink()
        return True


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
