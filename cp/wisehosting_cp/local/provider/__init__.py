"""The sign-in provider of `./dev up`: a real OpenID Connect provider, on loopback only."""

from wisehosting_cp.local.provider.app import create_provider
from wisehosting_cp.local.provider.store import Account, AccountStore, NameRefused, new_link

__all__ = ["Account", "AccountStore", "NameRefused", "create_provider", "new_link"]
