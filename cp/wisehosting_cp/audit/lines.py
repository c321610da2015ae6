"""The audit trail outside the platform: one JSON object a row."""

import json

from wisehosting_cp.kit.audit import AuditEvent


def line(row: AuditEvent) -> str:
    """Return an event as people take it away: all of the row, its place and seal too."""
    told = {
        "seq": row.seq,
        "id": str(row.id),
        "at": row.at.isoformat(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "team_id": str(row.team_id) if row.team_id else None,
        "address": row.address,
        "request_id": row.request_id,
        "detail": row.detail,
        "mac": row.mac.hex(),
    }
    return json.dumps(told, ensure_ascii=False)
