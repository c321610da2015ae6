"""What git's complaint means. Pure: text in, reason and sentence out."""

import re

from wisehosting_git.errors import BRANCH_GONE, NOT_FOUND, PRIVATE, UNREACHABLE, GitError

_HTTP = re.compile(r"returned error: (\d{3})")
_PRIVATE = ("could not read Username", "could not read Password", "Authentication failed", "terminal prompts disabled")
_NOT_A_REPOSITORY = (
    "not valid: is this a git repository",
    "does not appear to be a git repository",
    "info/refs not valid",
)
_GONE = ("couldn't find remote ref", "not our ref", "unadvertised object", "no such remote ref")
_FILE_SIZE = ("died of signal 25", "File too large")
_HELPER_KILLED = "fatal: fetch-pack: invalid index-pack output"
"""All that git says when a limit killed the helper that writes what arrives; one that fails by itself says why before."""
_MEMORY = ("Out of memory", "mmap failed", "unable to create thread", "inflate returned", "packfile too large")


def explain(stderr: str, url: str, wanted: str) -> GitError:
    """Turn stderr of a failed git into an error. `wanted` is the branch or commit for the sentence."""
    status = _HTTP.search(stderr)
    code = int(status.group(1)) if status else 0
    if code in {401, 403} or any(text in stderr for text in _PRIVATE):
        return GitError(
            PRIVATE,
            f"{url} is private, or does not exist: its server asks for a password. Make the repository public, or "
            "wait for Git connections, which come with a later release.",
        )
    if code == 404 or re.search(r"repository '.*' not found", stderr):
        return GitError(NOT_FOUND, f"There is no repository at {url}. Check the address for typing errors.")
    if any(text in stderr for text in _NOT_A_REPOSITORY):
        return GitError(NOT_FOUND, f"{url} answers, but it is not a Git repository. Use the address of `git clone`.")
    if 300 <= code < 400:
        return GitError(
            UNREACHABLE,
            f"{url} sends visitors on to another address (status {code}), which is not followed. Open it in a browser "
            "and use the address you end up at.",
        )
    if any(text in stderr for text in _GONE):
        return GitError(BRANCH_GONE, f"{wanted} is not in {url}. Set the project's branch to one that exists.")
    return GitError(UNREACHABLE, f"{url} could not be read. {_last(stderr)} Try again, or check the address.")


def _last(stderr: str) -> str:
    """The line that says most, without anything that could steer a terminal."""
    lines = [re.sub(r"[^\x20-\x7e]", " ", line).strip() for line in stderr.splitlines()]
    for line in lines:
        if line.startswith("fatal: "):
            return f"git says: {line.removeprefix('fatal: ')[:300]}."
    said = [line for line in lines if line]
    return f"git says: {said[-1][:300]}." if said else "git said nothing."


def ran_over_limits(stderr: str) -> bool:
    """Whether the limit on address space or on the size of files stopped git or a helper of its."""
    return stderr.strip() == _HELPER_KILLED or any(text in stderr for text in (*_MEMORY, *_FILE_SIZE))
