"""The content key: what a build depends on, as one hash. Same key, same image. Pure."""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

FORMAT = 2
"""Raised when builds change in a way that must not reuse older images."""


def content_key(
    *,
    team: str,
    tree: str,
    containerfile: str,
    target: str,
    files: Mapping[str, str],
    variables: Mapping[str, str],
    salt: bytes,
    bases: Mapping[str, str],
) -> str:
    """Hex sha256 over a context's digest, a vetted Containerfile and its stage, build variables, and the image ids behind every FROM.

    `files` are what a detected stack brings.
    Values of variables enter only as a keyed hash: the key is stored and shown, and must not give them away.
    """
    sealed = hmac.new(salt, msgspec.json.encode(sorted(variables.items())), hashlib.sha256).hexdigest()
    facts = (FORMAT, team, tree, containerfile, target, sorted(files.items()), sealed, sorted(bases.items()))
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()
