"""The provider's application: discovery, keys, authorize, token, userinfo, and the pages people see."""

import secrets
import time
from collections import defaultdict, deque
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from wisehosting_cp.kit.guard import Guard
from wisehosting_cp.kit.http import CONTENT_SECURITY_POLICY, RequestScope
from wisehosting_cp.kit.security import origin_of
from wisehosting_cp.local.provider import pages
from wisehosting_cp.local.provider.server import SCOPES, Client, Provider, ProviderRequest
from wisehosting_cp.local.provider.store import OPERATOR, Account, AccountStore, signing_key, use_link

SESSION_SECONDS = 12 * 3600
FAILURES = 10
FAILURE_SECONDS = 300
FORM_BYTES = 64 * 1024


class _Pages:
    """The routes, and who is signed in at the provider itself."""

    def __init__(self, folder: Path, provider: Provider, login_url: str) -> None:
        self._folder = folder
        self._provider = provider
        self._login_url = login_url
        self._origin = origin_of(provider.issuer)
        self._sessions: dict[str, tuple[str, float]] = {}
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        # Cookies of one host are shared by all its ports.
        self._cookie = f"wh_provider_{urlsplit(provider.issuer).port or 80}"

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/keys", self.keys),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/userinfo", self.userinfo, methods=["GET", "POST"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/link/{code:str}", self.link),
            Route("/healthz", self.healthz),
            Route("/", self.home),
        ]

    async def healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def discovery(self, _: Request) -> Response:
        issuer = self._provider.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": list(SCOPES),
                "claims_supported": [
                    "sub",
                    "name",
                    "preferred_username",
                    "email",
                    "email_verified",
                    "wisehosting_operator",
                ],
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._provider.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = self._oauth_request(request, request.query_params.multi_items())
        account = self._signed_in(request)
        try:
            grant = self._provider.get_consent_grant(asked, end_user=account)
        except OAuth2Error as error:
            if error.redirect_uri:
                return self._named(self._provider.handle_error_response(asked, error))
            sentence = error.description or "The request is not one this provider answers."
            return pages.refused("Sign-in is not possible", sentence, 400)
        if account is None or "login" in asked.payload.data.get("prompt", "").split():
            left = [(name, value) for name, value in request.query_params.multi_items() if name != "prompt"]
            return pages.sign_in(urlencode(left))
        return self._named(self._provider.create_authorization_response(asked, grant_user=account, grant=grant))

    async def token(self, request: Request) -> Response:
        answer: Response = self._provider.create_token_response(self._oauth_request(request, await _form(request)))
        return answer

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        info = self._provider.info_of(token.strip()) if scheme.lower() == "bearer" else None
        if info is None:
            return JSONResponse(
                {"error": "invalid_token"},
                status_code=401,
                headers={"www-authenticate": 'Bearer error="invalid_token"'},
            )
        return JSONResponse(info)

    async def sign_in(self, request: Request) -> Response:
        if request.headers.get("origin", "").lower() != self._origin:
            return pages.refused("Sign-in is not possible", "This form was sent from another site.", 403)
        form = dict(await _form(request))
        name, query = form.get("name", "").strip()[:100], form.get("query", "")
        if self._too_many(name):
            sentence = "Too many wrong passwords. Wait five minutes, then try again."
            return pages.sign_in(query, name=name, refused=sentence, status=429)
        account = await run_in_threadpool(self._provider.accounts.check, name, form.get("password", "")[:1000])
        if account is None:
            self._failures[name].append(time.monotonic())
            return pages.sign_in(query, name=name, refused="Name or password is wrong.", status=403)
        self._failures.pop(name, None)
        answer = RedirectResponse(f"/authorize?{query}" if query else self._login_url, status_code=303)
        return self._open(request, answer, account.name)

    async def sign_out(self, request: Request) -> Response:
        if request.headers.get("origin", "").lower() != self._origin:
            return pages.refused("Not signed out", "This form was sent from another site.", 403)
        self._sessions.pop(request.cookies.get(self._cookie, ""), None)
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(self._cookie)
        return answer

    async def link(self, request: Request) -> Response:
        used = request.method == "GET" and use_link(self._folder, request.path_params["code"])
        if used:
            return self._open(request, RedirectResponse(self._login_url, status_code=303), OPERATOR)
        if self._signed_in(request) is not None:
            return RedirectResponse(self._login_url, status_code=303)
        return pages.refused(
            "This link was used",
            "A sign-in link works once. Start ./dev up again, or run it with --detach: it prints a new one.",
            403,
        )

    async def home(self, request: Request) -> Response:
        account = self._signed_in(request)
        return pages.signed_in(account.full_name, self._login_url) if account else pages.sign_in("")

    def _oauth_request(self, request: Request, pairs: list[tuple[str, str]]) -> ProviderRequest:
        uri = self._provider.issuer + request.url.path
        headers = {name.title(): value for name, value in request.headers.items()}
        return ProviderRequest(request.method, uri, pairs, headers)

    def _named(self, answer: Response) -> Response:
        """Say who sends the browser back (RFC 9207), with a code as with an error."""
        if location := answer.headers.get("location"):
            answer.headers["location"] = add_params_to_uri(location, [("iss", self._provider.issuer)])
        return answer

    def _signed_in(self, request: Request) -> Account | None:
        name, until = self._sessions.get(request.cookies.get(self._cookie, ""), ("", 0.0))
        return self._provider.accounts.get(name) if until > time.monotonic() else None

    def _open(self, request: Request, answer: Response, name: str) -> Response:
        now = time.monotonic()
        self._sessions.pop(request.cookies.get(self._cookie, ""), None)
        self._sessions = {key: row for key, row in self._sessions.items() if row[1] > now}
        session = secrets.token_urlsafe(32)
        self._sessions[session] = (name, now + SESSION_SECONDS)
        answer.set_cookie(self._cookie, session, max_age=SESSION_SECONDS, httponly=True, samesite="lax")
        return answer

    def _too_many(self, name: str) -> bool:
        now = time.monotonic()
        for known in [known for known, times in self._failures.items() if times[-1] < now - FAILURE_SECONDS]:
            del self._failures[known]
        return sum(at > now - FAILURE_SECONDS for at in self._failures.get(name, ())) >= FAILURES


async def _form(request: Request) -> list[tuple[str, str]]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return []
    return parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)


def create_provider(
    state_dir: Path, issuer: str, client_id: str, client_secret: str, redirect_uris: list[str], login_url: str
) -> Starlette:
    """Build the provider; the first call makes its key and the operator's account in `state_dir` (the provider's own folder)."""
    accounts = AccountStore(state_dir)
    accounts.prepare()
    provider = Provider(
        accounts, signing_key(state_dir), issuer, Client(client_id, client_secret, tuple(redirect_uris))
    )
    served = _Pages(state_dir, provider, login_url)
    port = urlsplit(issuer).port or 80
    targets = " ".join(sorted({origin_of(uri) for uri in redirect_uris} | {origin_of(login_url)}))
    # Browsers apply form-action to the redirects that follow a form, so the sign-in form must name the client.
    policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {targets}")
    app = Starlette(
        routes=served.routes(),
        middleware=[
            Middleware(RequestScope, policy=policy),
            Middleware(
                Guard,
                hosts={urlsplit(issuer).netloc, f"localhost:{port}", f"127.0.0.1:{port}"},
                origin=origin_of(issuer),
                cookie_names=(),
                body_limit=FORM_BYTES,
            ),
        ],
    )
    app.state.provider = provider
    return app
