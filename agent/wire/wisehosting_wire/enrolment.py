"""HTTP bodies of registration and token refresh (JSON)."""

import msgspec


class RegisterRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/workers/register`. The only time the raw key crosses the wire."""

    join_token: str
    api_server_secret: str
    api_key: str
    """Raw key, base64url of 32 bytes, made and persisted by the worker before this request."""
    name: str


class RegisterReply(msgspec.Struct, frozen=True, kw_only=True):
    """Idempotent for the same token and key."""

    worker: str
    token: str
    expires_at: float


class RefreshRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/workers/refresh-token` with `Authorization: Bearer` of the old token."""

    nonce: str
    """32 bytes, base64url, single use."""
    mac: str
    """base64url of `keys.refresh_mac`."""


class RefreshReply(msgspec.Struct, frozen=True, kw_only=True):
    """A new 15-minute token."""

    token: str
    expires_at: float
