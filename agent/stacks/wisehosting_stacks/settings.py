"""What a repository's wisehosting.toml, or the project's settings, say about the build. They win over what is detected."""

import msgspec


class BuildSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything empty or None is left to detection."""

    stack: str = ""
    """One of the stacks' names, where a project could be several."""
    version: str = ""
    """Of the stack's language: `3.12`, `>=20`. Wins over the repository's own files."""
    install: str = ""
    """Shell line that installs dependencies, instead of the detected one."""
    build: str = ""
    """Shell line that builds, instead of the detected one."""
    start: tuple[str, ...] = ()
    """argv of the process `web`."""
    packages: tuple[str, ...] = ()
    """Debian packages, there when the app is built and when it runs."""
    output: str = ""
    """Folder that is served as a static site, instead of the detected one."""
    fallback: str = ""
    """Static sites: the file that answers unknown paths with 200 (a single-page app's `/index.html`)."""
    port: int | None = None
