"""OpenID Connect sign-in: discovery, the way to the provider and back, and the checks of what it says."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from wisehosting_cp.errors import Forbidden, Unavailable
from wisehosting_cp.settings import Settings, read_secret

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
"""Only signatures by a key of the provider: never `none`, never our own client secret."""
METADATA_SECONDS = 3600
KEYS_SECONDS = 300
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10
GOOGLE = "https://accounts.google.com"
OPERATOR_CLAIM = "wisehosting_operator"


@dataclass(frozen=True)
class Claims:
    """Who the provider says this is."""

    issuer: str
    subject: str
    name: str
    email: str
    operator: bool
    """Said by the loopback provider of `./dev up`; believed in local mode only."""
    hosted_domain: str | None = None
    """The organization's domain that Google says the account is of; None for personal accounts and other providers."""


class SignInProvider:
    """The one issuer whose sign-ins count."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = read_secret(settings.oidc_client_secret_file, least=16)
        self._redirect_uri = f"{settings.public_url.rstrip('/')}/auth/callback"
        self._local = settings.local
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._secret.get_secret_value(),
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a method
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=not self._local,
        )

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where to send the browser. Raises Unavailable when the provider does not answer."""
        metadata = await self._discover()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(url)

    async def check_sender(self, named: Sequence[str]) -> None:
        """Check who sent the browser back (RFC 9207), by the `iss` that came with it. Raises Forbidden, Unavailable.

        Without it a provider that we also used could be made to look like this one, and be given its code. Who does not
        announce to send it may leave it out, but not send another.
        """
        metadata = await self._discover()
        announced = metadata.get("authorization_response_iss_parameter_supported") is True
        if list(named) != [self.issuer] and (named or announced):
            raise _refused("This answer does not come from the sign-in provider that you were sent to.")

    async def exchange(self, *, code: str, nonce: str, verifier: str) -> Claims:
        """Turn a code into checked claims. Raises Forbidden with a sentence, or Unavailable."""
        metadata = await self._discover()
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
        except OAuthError as error:
            raise _refused(f"The sign-in provider did not accept the code ({error.error}).") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise _away() from error
        return await self._check(token, nonce)

    async def _check(self, token: dict[str, Any], nonce: str) -> Claims:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise _refused("The sign-in provider sent no identity.")
        try:
            decoded = await self._decode(raw)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                    "nonce": {"essential": True},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise _refused("What the sign-in provider said did not pass the checks.") from error
        subject = claims["sub"]
        email = claims.get("email")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _refused("The sign-in provider sent no usable account.")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise Forbidden(
                "email_not_verified",
                "Your e-mail address is not verified at the sign-in provider. Verify it there, then sign in again.",
            )
        said = claims.get("name")
        name = "".join(letter for letter in said if letter.isprintable()).strip() if isinstance(said, str) else ""
        return Claims(
            issuer=self.issuer,
            subject=subject,
            name=(name or email.partition("@")[0])[:200],
            email=email[:320],
            hosted_domain=hosted if isinstance(hosted := claims.get("hd"), str) else None,
            operator=self._local and claims.get(OPERATOR_CLAIM) is True,
        )

    async def _decode(self, raw: str) -> jwt.Token:
        try:
            return jwt.decode(raw, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have rotated its keys since we fetched them; a fresh set is fetched at most once a second.
            return jwt.decode(raw, await self._key_set(fresh=True), algorithms=ALGORITHMS)

    async def _discover(self) -> dict[str, Any]:
        if self._metadata is not None and time.monotonic() - self._metadata[0] < METADATA_SECONDS:
            return self._metadata[1]
        found = await self._get_json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise _refused("The sign-in provider names another issuer than the one set up.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            url = found.get(name)
            if not isinstance(url, str) or not url.startswith(("https://", "http://") if self._local else "https://"):
                raise _refused(f"The sign-in provider's {name} is missing or not https.")
        self._metadata = (time.monotonic(), found)
        return found

    async def _key_set(self, *, fresh: bool = False) -> KeySet:
        if self._keys is not None:
            age = time.monotonic() - self._keys[0]
            if age < (1 if fresh else KEYS_SECONDS):
                return self._keys[1]
        metadata = await self._discover()
        keys = KeySet.import_key_set(await self._get_json(metadata["jwks_uri"]))  # type: ignore[arg-type]
        self._keys = (time.monotonic(), keys)
        return keys

    async def _get_json(self, url: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(
                timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=not self._local
            ) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _away() from error
        if not isinstance(found, dict):
            raise _away()
        return found


def _refused(what: str) -> Forbidden:
    return Forbidden("sign_in_refused", f"{what} Sign in again.")


def _away() -> Unavailable:
    return Unavailable("provider_unavailable", "The sign-in provider does not answer. Try again in a moment.")
