"""How far each log was shipped."""

import msgspec

from wisehosting_agent.store.database import Transaction


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """Position behind the last line the control plane has acknowledged."""

    subject: str
    kind: str
    path: str
    inode: int = 0
    offset: int = 0
    acked: int = 0
    """Number of that line."""
    ended: bool = False
    """No line will be added to the file."""


def load(tx: Transaction) -> list[LogRow]:
    """All subjects that are not shipped to their end."""
    rows = tx.execute('SELECT subject, kind, path, inode, "offset", acked, ended FROM log_subjects')
    return [
        LogRow(subject=subject, kind=kind, path=path, inode=inode, offset=offset, acked=acked, ended=bool(ended))
        for subject, kind, path, inode, offset, acked, ended in rows
    ]


def track(tx: Transaction, subject: str, kind: str, path: str) -> None:
    """Begin a subject, or give it the path of its newest file."""
    tx.execute(
        "INSERT INTO log_subjects (subject, kind, path) VALUES (?, ?, ?) "
        "ON CONFLICT (subject) DO UPDATE SET path = excluded.path",
        subject,
        kind,
        path,
    )


def acknowledged(tx: Transaction, row: LogRow) -> None:
    """Move the position forward."""
    tx.execute(
        'UPDATE log_subjects SET inode = ?, "offset" = ?, acked = ? WHERE subject = ?',
        row.inode,
        row.offset,
        row.acked,
        row.subject,
    )


def ended(tx: Transaction, subject: str) -> None:
    """Remember that the file is complete."""
    tx.execute("UPDATE log_subjects SET ended = 1 WHERE subject = ?", subject)


def forget(tx: Transaction, subject: str) -> None:
    """The subject is shipped to its end, or nobody wants it."""
    tx.execute("DELETE FROM log_subjects WHERE subject = ?", subject)
