"""What podman build says: steps counted, secrets taken out, and why it failed. Pure."""

import re
from collections import deque
from collections.abc import Iterable

from wisehosting_agent.build.port import Line
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

PLATFORM = 2
LINE_BYTES = 16 * 1024
LOG_BYTES = 32 * 1024 * 1024
"""Of one build's log; what comes after is counted, not kept."""
_STEP = re.compile(r"(?:\[\d+/\d+\] )?STEP \d+/\d+: (.*)")
_NOISE = re.compile(r"[0-9a-f]{64}\Z|time=\"[^\"]*\" level=warning ")
_STATUS = re.compile(r"exit status (\d+)\s*\Z")
_NO_SPACE = ("no space left on device", "disk quota exceeded", "file too large")
TAIL = 8


class BuildLog:
    """Takes output as it comes, passes lines on, and remembers what a failure is explained with."""

    def __init__(self, line: Line, secrets: Iterable[str] = ()) -> None:
        self._line = line
        # longest first: one value may be part of another
        self._secrets = sorted({piece for value in secrets for piece in _pieces(value)}, key=len, reverse=True)
        self._bytes = 0
        self._dropped = 0
        self.step = 0
        self.instruction = ""
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.error = ""
        self.no_space = False

    def say(self, text: str) -> None:
        """A line of the platform's own."""
        self._line(text, PLATFORM, self.step)

    def feed(self, raw: bytes) -> None:
        """One line of output, without its newline."""
        text = raw.decode("utf-8", "replace").rstrip("\r")
        # a progress bar draws over itself: its last state is what counts
        text = self._redacted(text.rpartition("\r")[2])
        step = _STEP.match(text)
        if step:
            self.step += 1
            self.instruction = step[1]
            self.tail.clear()
        elif text.startswith("Error: "):
            self.error = text.removeprefix("Error: ")
        elif text.strip() and not _NOISE.match(text):
            self.tail.append(text[:400])
        if any(words in text.lower() for words in _NO_SPACE):
            self.no_space = True
        if _NOISE.match(text):
            return
        self._pass(text)

    def _pass(self, text: str) -> None:
        size = len(text.encode("utf-8", "replace"))
        if size > LINE_BYTES:
            text, size = f"{text[: LINE_BYTES // 4]} … ({size} bytes, cut)", LINE_BYTES
        self._bytes += size + 1
        if self._bytes > LOG_BYTES:
            if not self._dropped:
                self._line(
                    f"The log is larger than {LOG_BYTES // 1024**2} MiB; the rest is not kept.", PLATFORM, self.step
                )
            self._dropped += 1
            return
        self._line(text, 0, self.step)

    def close(self) -> None:
        """No line follows: say how many were left out."""
        if self._dropped:
            self.say(f"{self._dropped} lines were left out.")
            self._dropped = 0

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text

    def failure(self, status: int) -> WorkFailed:
        """The reason for a build that ended without an image, when no limit explains it."""
        said = " / ".join(row.strip() for row in self.tail)[-900:]
        if self.no_space or any(words in self.error.lower() for words in _NO_SPACE):
            return WorkFailed(
                Reason.build_out_of_disk,
                f"The disk was full at step {self.step} ({self.instruction[:200]}). Remove what the build does not "
                "need, or ask an operator for space on the worker.",
            )
        match = _STATUS.search(self.error)
        code = int(match[1]) if match else status
        if self.step == 0:
            return WorkFailed(
                Reason.containerfile_refused, f"Podman refused the Containerfile: {self.error[:900] or said}."
            )
        if match is None:
            return WorkFailed(
                Reason.build_failed, f"Step {self.step} ({self.instruction[:200]}) failed: {self.error[:900] or said}"
            )
        ending = f" Its last lines: {said}" if said else " It printed nothing."
        return WorkFailed(
            Reason.build_failed,
            f"Step {self.step} ({self.instruction[:200]}) failed with exit code {code}. Fix it and push again.{ending}",
        )


def _pieces(value: str) -> list[str]:
    """A secret of several lines is seen line by line. Short ones would redact half of any log."""
    return [row for row in value.splitlines() if len(row.strip()) >= 6]
