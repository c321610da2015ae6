"""Authlib's authorization server, for one client: code grant with PKCE S256, identity tokens signed by RS256."""

import hmac
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from wisehosting_cp.local.provider.store import Account, AccountStore

SCOPES = ("openid", "email", "profile")
CODE_SECONDS = 60
TOKEN_SECONDS = 300
ID_TOKEN_SECONDS = 600
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Client(ClientMixin):  # type: ignore[misc]
    """The control plane: the only client there is."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]

    def get_client_id(self) -> str:
        """Return its id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Return none: it must be said."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what it may ask for of what it asks for; none without `openid`."""
        asked = [word for word in (scope or "").split() if word in SCOPES]
        return " ".join(asked) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(client_secret.encode(), self.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - Authlib's signature
        """A confidential client shows its secret."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Only codes."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Only codes."""
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code:
    """A code on its way to the client: single use, one minute."""

    code: str = field(repr=False)
    name: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    auth_time: int
    expires: float

    def get_redirect_uri(self) -> str:
        """Return where it was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was asked for."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Return the client's nonce."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person signed in."""
        return self.auth_time

    def get_acr(self) -> None:
        """Return none: we claim no assurance level."""

    def get_amr(self) -> None:
        """Return none: we claim no method."""


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._all: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._all[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._all.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._all


class ProviderRequest(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib reads it, made from Starlette's parts."""

    def __init__(self, method: str, uri: str, pairs: list[tuple[str, str]], headers: dict[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = _Payload(pairs)

    @property
    def args(self) -> dict[str, str]:
        """Query parameters."""
        return self.payload.data if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        """Form parameters."""
        return self.payload.data if self.method == "POST" else {}


class _Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012 - Authlib's attribute
    server: "Provider"

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes[code] = Code(
            code=code,
            name=request.user.name,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            nonce=data.get("nonce"),
            code_challenge=data["code_challenge"],
            code_challenge_method=data["code_challenge_method"],
            auth_time=int(self.server.clock()),
            expires=self.server.clock() + CODE_SECONDS,
        )
        self.server.trim()

    def query_authorization_code(self, code: str, client: Client) -> Code | None:  # noqa: ARG002 - there is one client
        if (issued := self.server.used.pop(code, None)) is not None:
            # RFC 6749 §4.1.2: a code used twice was stolen; what it bought ends.
            self.server.tokens.pop(issued, None)
        found = self.server.codes.pop(code, None)
        return found if found is not None and found.expires > self.server.clock() else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It went when it was looked up."""

    def authenticate_user(self, authorization_code: Code) -> Account | None:
        return self.server.accounts.get(authorization_code.name)


class _RequiredChallenge(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - Authlib's attribute

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with the method S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class _Identity(OpenIDCode):  # type: ignore[misc]
    def __init__(self, provider: "Provider") -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002 - Authlib's signature
        return any(code.nonce == nonce for code in self._provider.codes.values())

    def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002 - one key for all
        return self._provider.key

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002 - one key for all
        return {"alg": "RS256", "kid": self._provider.key.kid or ""}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(self._provider.clock())
        return {
            "iss": self._provider.issuer,
            "aud": [client.client_id],
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
        }

    def generate_user_info(self, user: Account, scope: str) -> dict[str, Any]:
        return user_info(user, scope)


def user_info(user: Account, scope: str) -> dict[str, Any]:
    """Return what a client may know of an account."""
    words = scope.split()
    info: dict[str, Any] = {"sub": user.name}
    if "profile" in words:
        info |= {"name": user.full_name, "preferred_username": user.name}
    if "email" in words:
        info |= {"email": user.email, "email_verified": True}
    if user.operator:
        info["wisehosting_operator"] = True
    return info


class Provider(AuthorizationServer):  # type: ignore[misc]
    """The server; codes and access tokens live in memory, for a minute and for five."""

    def __init__(self, accounts: AccountStore, key: RSAKey, issuer: str, client: Client) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.accounts = accounts
        self.key = key
        self.issuer = issuer
        self.client = client
        self.clock = time.time
        self.codes: dict[str, Code] = {}
        self.used: dict[str, str] = {}
        """Codes that were turned into a token, and the token."""
        self.tokens: dict[str, tuple[str, str, float]] = {}
        self.register_token_generator("default", self._token)
        self.register_grant(_Grant, [_RequiredChallenge(required=True), _Identity(self)])

    def _token(self, grant_type: str, client: Client, **asked: Any) -> dict[str, Any]:  # noqa: ARG002 - Authlib's signature
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(32),
            "expires_in": TOKEN_SECONDS,
            "scope": asked["scope"],
        }

    def query_client(self, client_id: str) -> Client | None:
        """Return the client of this id."""
        return self.client if client_id == self.client.client_id else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Keep an access token, and which code bought it."""
        until = self.clock() + TOKEN_SECONDS
        self.tokens[token["access_token"]] = (request.user.name, token["scope"], until)
        self.used[request.authorization_code.code] = token["access_token"]
        self.trim()

    def trim(self) -> None:
        """Forget what ran out, and the oldest when there is too much."""
        now = self.clock()
        self.codes = {code: row for code, row in self.codes.items() if row.expires > now}
        self.tokens = {token: row for token, row in self.tokens.items() if row[2] > now}
        for kept in (self.codes, self.tokens, self.used):
            while len(kept) > MOST_KEPT:
                kept.pop(next(iter(kept)))

    def info_of(self, access_token: str) -> dict[str, Any] | None:
        """Return what the bearer of a token may know, or None."""
        name, scope, until = self.tokens.get(access_token, ("", "", 0.0))
        account = self.accounts.get(name) if until > self.clock() else None
        return user_info(account, scope) if account else None

    def create_oauth2_request(self, request: Any) -> ProviderRequest:
        """Pass on a request that was made before."""
        if not isinstance(request, ProviderRequest):
            raise TypeError("the application makes the request")
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """Make Starlette's answer of Authlib's."""
        named = dict(headers)
        if "Location" in named:
            return RedirectResponse(named["Location"], status_code=status)
        return JSONResponse(body, status_code=status, headers=named)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""
