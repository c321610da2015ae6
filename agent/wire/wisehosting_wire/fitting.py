"""Messages that do not fit into a frame: measured before they are stored, said in other words when one was stored."""

from typing import TypeVar

import msgspec

from wisehosting_wire.codec import MAX_FRAME, encode_message
from wisehosting_wire.facts import BuildReport
from wisehosting_wire.messages import InstanceObserved, JobFinished, JobProgress, Message, RouteAck

ENVELOPE_BYTES = 1024
"""Room that is kept for MAC and envelope, and for the salt that an assignment gets on its way out."""
MAX_MESSAGE = MAX_FRAME - ENVELOPE_BYTES
TEXT_CHARACTERS = 1000
REFUSED_APPS = 4000
M = TypeVar("M", bound=Message)


def fits(message: Message) -> bool:
    """Tell whether a message fits into a frame, whatever its envelope says."""
    return len(encode_message(message)) <= MAX_MESSAGE


def in_its_place(message: Message) -> Message | None:
    """What a worker says instead of a durable message that does not fit; it fits. None: nothing can stand for it.

    A report keeps what decides (ids, status, reason) and loses text, which then says so. The end of a job cannot be kept in
    part: a release made of half the facts would run something else, so the job fails and its detail names the cause.
    """
    match message:
        case JobFinished() if message.image is None:
            return _if_it_fits(
                msgspec.structs.replace(
                    message,
                    reason=message.reason[:100],
                    detail=_cut(message.detail),
                    report=BuildReport(failed_step=message.report.failed_step),
                )
            )
        case JobFinished():
            return JobFinished(
                job=message.job,
                attempt=message.attempt,
                reason="worker_error",
                detail=(
                    f"The result of this build has {len(encode_message(message))} bytes and a worker can report "
                    f"{MAX_MESSAGE}. Shorten the image's command, user or exposed ports, then deploy again."
                ),
                seconds=message.seconds,
            )
        case InstanceObserved():
            return _if_it_fits(
                msgspec.structs.replace(message, reason=message.reason[:100], detail=_cut(message.detail))
            )
        case JobProgress():
            return _if_it_fits(
                msgspec.structs.replace(
                    message,
                    commit=message.commit[:100],
                    subject=_cut(message.subject),
                    author=_cut(message.author),
                    plan=None,
                )
            )
        case RouteAck():
            return _if_it_fits(
                msgspec.structs.replace(message, refused=[app[:200] for app in message.refused[:REFUSED_APPS]])
            )
        case _:
            return None


def _cut(text: str) -> str:
    if len(text) <= TEXT_CHARACTERS:
        return text
    return f"{text[:TEXT_CHARACTERS]}… (cut: {len(text)} characters do not fit into one message)"


def _if_it_fits(message: M) -> M | None:
    return message if fits(message) else None
