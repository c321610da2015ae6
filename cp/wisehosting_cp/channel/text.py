"""Words of a worker, made fit for rows: no NUL, no endless sentence, no reason we do not know."""

from math import isfinite
from typing import Any

from wisehosting_cp.deployments.status import DeploymentReason

WORD_CHARACTERS = 32 * 1024
"""As much as a command may have: a word of it that was cut would start something else."""
KNOWN_REASONS = frozenset(DeploymentReason)


def clean(text: str, limit: int = 4000) -> str:
    """Return the text without NUL characters, which PostgreSQL cannot keep, and not longer than `limit`."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:limit]


def clean_all(value: Any) -> Any:
    """Clean every text inside JSON: facts that machines read, commands among them. A number that JSON lacks becomes 0."""
    if isinstance(value, str):
        return clean(value, WORD_CHARACTERS)
    if isinstance(value, float) and not isfinite(value):
        return 0.0
    if isinstance(value, dict):
        return {clean(str(key), 200): clean_all(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean_all(inner) for inner in value]
    return value


def reason_and_detail(reason: str, detail: str) -> tuple[str, str]:
    """Return a reason deployments know; one they do not becomes `worker_error`, its text kept in the detail."""
    reason, detail = clean(reason, 200), clean(detail)
    if not reason or reason in KNOWN_REASONS:
        return reason, detail
    return DeploymentReason.worker_error.value, clean(f"{reason}: {detail}" if detail else reason)
