"""Why an instance failed, in a sentence that says what to do. Pure."""

import re
from collections.abc import Sequence

import msgspec

from wisehosting_agent.build.hints import find_at_start
from wisehosting_agent.probe import Answer
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.port import ObservedContainer
from wisehosting_agent.runtime.proc import Listener
from wisehosting_wire.workload import Workload

MEBIBYTE = 1024 * 1024
LOOP = 3
"""So many ends in a row are a crash loop."""
KILLED = 137
"""Exit code of a process that SIGKILL ended."""
DETAIL_CHARACTERS = 2000
_DENIED = r"(?:permission denied|operation not permitted|not permitted|\bEACCES\b|\bEPERM\b)"
_SOON = r"(?:[^\n]*\n){0,3}[^\n]{0,160}"
"""On the same line or soon after: a stack trace names the call first and the refusal some lines below."""
_LOW_PORT = r"[:\s](?:[1-9]\d{0,2}|10[01]\d|102[0-3])\b"
_CAPABILITIES: tuple[tuple[str, str], ...] = (
    ("CHOWN", rf"(?:\bl?f?chown(?:at)?\b|changing ownership of){_SOON}{_DENIED}"),
    ("SETGID", rf"(?:\bset(?:e|re|res)?gid\d*\b|\bsetgroups\b|\binitgroups\b){_SOON}{_DENIED}"),
    (
        "SETUID",
        rf"(?:\bset(?:e|re|res)?uid\d*\b|failed switching to|cannot set user id){_SOON}{_DENIED}",
    ),
    # Python's trace names no port: an ordinary user is refused only those below 1024.
    ("NET_BIND_SERVICE", rf"\bbind\({_SOON}{_DENIED}"),
    ("NET_BIND_SERVICE", rf"(?:bind|listen|make_sock).{{0,160}}{_LOW_PORT}.{{0,80}}{_DENIED}"),
    ("NET_BIND_SERVICE", rf"(?:bind|listen).{{0,40}}{_DENIED}.{{0,80}}{_LOW_PORT}"),
    ("NET_BIND_SERVICE", rf"{_DENIED}.{{0,80}}(?:bind|listen|address).{{0,80}}{_LOW_PORT}"),
)
_TRACE_LINES = 40


class Failure(msgspec.Struct, frozen=True):
    """A reason and its sentence."""

    reason: Reason | None
    """None for an end after the app was ready: that is not the deployment's failure."""
    detail: str


def ended(
    observed: ObservedContainer,
    workload: Workload,
    lines: Sequence[str],
    *,
    was_ready: bool,
    oom_kills: int,
    in_a_row: int = 1,
    again_seconds: float = 1,
) -> Failure:
    """Why the process ended by itself. `lines` are its last log lines.

    `in_a_row` counts its ends without ten minutes up between them; it is started again after `again_seconds`.
    """
    code = observed.exit_code
    if observed.oom_killed or (oom_kills > 0 and code == KILLED):
        limit = workload.limits.memory_bytes // MEBIBYTE
        return Failure(
            Reason.out_of_memory,
            f"The app needed more than its {limit} MB of memory and was killed. "
            f"Raise memory under [resources] in wisehosting.toml or make the app use less.{_tail(lines)}",
        )
    if in_a_row >= LOOP:
        return Failure(
            Reason.crash_loop,
            f"The app has ended {in_a_row} times in a row, the last time {_with(code)}. "
            f"It is started again in {again_seconds:.0f} s.{_tail(lines)}",
        )
    if was_ready:
        return Failure(None, f"The app ended {_with(code)}; it is started again.{_tail(lines)}")
    if code in {126, 127}:
        return Failure(
            Reason.no_start_command,
            f"The start command does not exist in the image or cannot be run (exit code {code}). "
            f"Set CMD in the Containerfile or command under [processes.web] in wisehosting.toml.{_tail(lines)}",
        )
    needed = capabilities_needed(lines)
    if needed:
        names = ", ".join(f'"{name}"' for name in needed)
        port_hint = " or listen on a port above 1023" if needed == ["NET_BIND_SERVICE"] else ""
        return Failure(
            Reason.needs_capability,
            f"The app was not permitted what it tried at start. Add capabilities = [{names}] under [runtime] in "
            f"wisehosting.toml{port_hint}.{_tail(lines)}",
        )
    known = find_at_start(lines)
    hint = f" {known.title}. {known.sentence}" if known else ""
    if any("read-only file system" in line.lower() or "EROFS" in line for line in lines):
        hint = " It tried to write where the file system is read-only: write to /tmp, or set writable = true under [runtime]."
    return Failure(Reason.crashed_at_start, f"The app ended {_with(code)} before it was ready.{hint}{_tail(lines)}")


def not_ready(workload: Workload, answer: Answer | None, listening: Sequence[Listener]) -> Failure:
    """Why a running instance did not become ready in time."""
    port, seconds = workload.port, workload.health.within_seconds
    open_ports = sorted({listener.port for listener in listening if not listener.loopback})
    hidden_ports = sorted({listener.port for listener in listening if listener.loopback} - set(open_ports))
    if answer is not None and answer.status is not None:
        return Failure(
            Reason.never_ready,
            f"GET {workload.health.path} still answered {answer.status} after {seconds:g} s; below 500 is needed. "
            "Read the app's log, or set path under [health] in wisehosting.toml.",
        )
    if port in open_ports:
        said = answer.detail if answer is not None else "no answer"
        return Failure(
            Reason.never_ready,
            f"The app listens on port {port} but GET {workload.health.path} got no HTTP answer within {seconds:g} s ({said}).",
        )
    if port in hidden_ports:
        return Failure(
            Reason.wrong_port,
            f"The app listens on 127.0.0.1:{port} only, which nobody outside its container reaches. "
            "It must listen on 0.0.0.0:$PORT.",
        )
    if open_ports:
        named = ", ".join(map(str, open_ports))
        return Failure(
            Reason.wrong_port,
            f"The app listens on port {named}, not on {port}: set port = {open_ports[0]} in wisehosting.toml or listen on $PORT.",
        )
    also = f" It listens on 127.0.0.1:{hidden_ports[0]} only." if hidden_ports else ""
    return Failure(
        Reason.nothing_listens,
        f"Nothing listens on port {port}. The app must listen on 0.0.0.0:$PORT (PORT is {port}).{also}",
    )


def refused_start(message: str) -> Failure:
    """What the runtime's refusal to create or start means."""
    if "executable file" in message and "not found" in message:
        return Failure(
            Reason.no_start_command,
            "The start command does not exist in the image. Set CMD in the Containerfile or command under "
            f"[processes.web] in wisehosting.toml. Podman said: {message[:300]}",
        )
    if "OCI permission denied" in message or re.search(r"exec: .{1,200}: permission denied", message):
        return Failure(
            Reason.no_start_command,
            "The start command may not be executed. Run `git update-index --chmod=+x` on its file, commit and push. "
            f"Podman said: {message[:300]}",
        )
    return Failure(Reason.worker_error, f"Podman refused to start the app: {message[:1000]}")


def capabilities_needed(lines: Sequence[str]) -> list[str]:
    """Capabilities whose absence the log lines speak of, sorted; changing user needs both ids."""
    text = "\n".join(lines[-_TRACE_LINES:])
    found = {name for name, pattern in _CAPABILITIES if re.search(pattern, text, re.IGNORECASE)}
    if "SETUID" in found:
        found.add("SETGID")
    return sorted(found)


def _with(code: int | None) -> str:
    return "without an exit code" if code is None else f"with exit code {code}"


def _tail(lines: Sequence[str]) -> str:
    if not lines:
        return " It wrote no log."
    text = "\n".join(line[:300] for line in lines[-10:])
    return f" Last lines:\n{text}"[:DETAIL_CHARACTERS]
