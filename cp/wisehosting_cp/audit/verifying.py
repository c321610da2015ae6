"""Verifying the trail against its chain and its anchor, and moving the anchor on while the platform serves."""

import asyncio
from dataclasses import dataclass

from wisehosting_cp.audit import repository
from wisehosting_cp.audit.anchor import NAME, Anchor
from wisehosting_cp.kit.audit import TOPIC, head
from wisehosting_cp.kit.audit_chain import ORIGIN, Finding, Head, Kind, Verification, after
from wisehosting_cp.kit.context import Context
from wisehosting_cp.kit.db import UNREACHABLE
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.kit.logging import logger

log = logger(__name__)

LEAST_SECONDS = 1
"""Between two moves of the anchor."""
MOST_SECONDS = 60
"""Until rows that another process wrote are seen too."""


@dataclass(frozen=True)
class Verified:
    """What a verification found; whole when there are no findings."""

    rows: int
    seq: int
    seconds: float
    anchor: int | None
    """The place that the anchor had seen before; None where there was no anchor, so that a cut tail cannot be told."""
    findings: list[Finding]


def anchor_of(ctx: Context) -> Anchor:
    """Return the platform's anchor."""
    return Anchor(ctx.settings.state_dir / NAME, ctx.keyring.key(Purpose.audit))


async def verify(ctx: Context) -> Verified:
    """Verify all rows as of one moment, and move the anchor on when they are whole. A second run finds the same.

    Raises OSError when the anchor cannot be read or written.
    """
    began = ctx.clock.monotonic()
    # The anchor first: rows that are written meanwhile are later than it.
    anchor = anchor_of(ctx)
    seen, is_sealed = await _seen(anchor)
    verification = Verification(ctx.keyring.key(Purpose.audit), seen, anchor_is_sealed=is_sealed)
    async with ctx.db.snapshot() as session:
        async for link in repository.links(session):
            verification.feed(link)
        findings = verification.findings()
        for row in await repository.without_place(session):
            findings.append(Finding(Kind.inserted, 0, row, "this row has no place in the chain"))
    if not findings and not verification.broken:
        await asyncio.to_thread(anchor.advance, verification.head)
    return Verified(
        rows=verification.count,
        seq=verification.head.seq,
        seconds=round(ctx.clock.monotonic() - began, 3),
        anchor=seen.seq if seen else None,
        findings=findings,
    )


async def _seen(anchor: Anchor) -> tuple[Head | None, bool]:
    try:
        return await asyncio.to_thread(anchor.read), True
    except ValueError:
        return None, False


async def note_head(ctx: Context) -> str | None:
    """Move the anchor over the rows that follow from it; a second run changes nothing.

    Return why it stays before the newest row: the trail does not reach it, or a row after it does not follow.
    """
    anchor = anchor_of(ctx)
    seen, is_sealed = await _seen(anchor)
    if not is_sealed:
        return "the anchor of the audit trail is not what this platform wrote"
    async with ctx.db.read() as session:
        if seen is not None and await repository.mac_at(session, seen.seq) != seen.mac:
            newest = await head(session)
            return (
                f"the audit trail ends at {newest.seq} or was written anew; the anchor has seen another row {seen.seq}"
            )
        reached, why = seen or Head(0, ORIGIN), None
        # What was never looked at must not become what the trail is measured by.
        async for link in repository.links(session, after=reached.seq):
            following = after(anchor.key, reached, link)
            if following is None:
                why = f"row {link.seq} of the audit trail does not follow from row {reached.seq}"
                break
            reached = following
    await asyncio.to_thread(anchor.advance, reached)
    return why


async def follow(ctx: Context) -> None:
    """Move the anchor on for ever, at most once a second. A trail that does not reach it is an error in the log, once."""
    told: str | None = None
    with ctx.events.listen(TOPIC) as listener:
        while True:
            try:
                why = await note_head(ctx)
            except (*UNREACHABLE, ValueError):
                log.exception("could not move the anchor of the audit trail")
            else:
                if why is not None and why != told:
                    log.error("the audit trail is not whole; run: wh-cp audit verify", reason=why)
                told = why
            await asyncio.sleep(LEAST_SECONDS)
            await listener.changed(MOST_SECONDS)
