"""docs/wire.md names the close codes and limits there are, and no others."""

import re
from pathlib import Path

from wisehosting_agent import app, disk, session
from wisehosting_agent.telemetry import subject
from wisehosting_cp.channel import frames, routes, sender
from wisehosting_cp.projects import variables
from wisehosting_cp.workers import tokens
from wisehosting_stacks import app_file
from wisehosting_wire import errors
from wisehosting_wire.codec import MAX_FRAME, MAX_LOG_CHUNK

NORM = (Path(__file__).parents[4] / "docs" / "wire.md").read_text()
CODES = ("BROKEN", "RESTARTS", "TRY_AGAIN", "TOKEN_EXPIRED", "REVOKED", "REPLACED")
IN_GOOD_ORDER = 1000


def test_the_close_codes_of_the_norm_are_those_of_the_code() -> None:
    (listed,) = re.findall(r"^Close codes: (.*)$", NORM, re.MULTILINE)
    named, _, rest = listed.partition(". Either side closes with ")
    said = {int(code) for code in re.findall(r"(?:^|· )(\d{4}) ", named)}
    of_frames = {value for name, value in vars(frames).items() if name in CODES}
    kinds = [errors.WireError, *errors.WireError.__subclasses__()]
    of_errors = {kind.close_code for kind in kinds}
    assert said == of_frames | of_errors | {IN_GOOD_ORDER}
    either, _, alone = rest.partition(", only the control plane with ")
    assert {int(code) for code in re.findall(r"\d{4}", either)} == of_errors
    assert {int(code) for code in re.findall(r"\d{4}", alone)} == of_frames - of_errors


def test_the_limits_of_the_norm_are_those_of_the_code() -> None:
    for sentence, value in (
        ("At most 1 MiB (1,048,576 bytes)", MAX_FRAME == 1_048_576),
        ("A chunk takes at most 64 KiB", MAX_LOG_CHUNK == 64 * 1024),
        ("At most 8 chunks of a subject are under way", subject.WINDOW == 8),
        ("At most 256 durable messages", (session.WINDOW, sender.WINDOW) == (256, 256)),
        ("512 KiB an environment", variables.TOTAL_BYTES == 512 * 1024),
        ("all words: 32 KiB", app_file.COMMAND_BYTES == 32 * 1024),
        ("512 KiB a part", routes.PART_BYTES == 512 * 1024),
        ("JWTs of 15 minutes", tokens.LIFETIME.total_seconds() == 15 * 60),
        ("(at most 30 days)", tokens.EXPIRED_ACCEPTED.days == 30),
        ("expiry + 30 s", tokens.GRACE.total_seconds() == 30),
        ("when that is not answered within 20 s", session.IN_BAND_SECONDS == 20),
        ("no Hello within 10 s", frames.HELLO_SECONDS == 10),
        ("a frame does not leave within 20 s", frames.SEND_SECONDS == 20),
        ("After Welcome and each 30 s", session.INVENTORY_SECONDS == 30),
        ("after a removal, and each 60 s", disk.REPORT_SECONDS == 60),
        ("| 4000 images |", disk.MOST_IMAGES == 4000),
        (
            "min(60, 1 · 2^n))` seconds (3 instead of 60",
            (app.RECONNECT_CAP_SECONDS, app.LOCAL_RECONNECT_CAP_SECONDS) == (60, 3),
        ),
    ):
        assert sentence in NORM, sentence
        assert value, sentence
