"""Trees that no push of files makes."""

import subprocess

from gitserver import GitServer

CONTAINERFILE = 'FROM localhost/wisehosting/base:debian-13\nRUN true\nCMD ["true"]\n'


def claimed_millions(server: GitServer | None = None, name: str = "") -> dict[str, str | bytes]:
    """Files of a repository; with a server, its branch becomes a tree of trees that names ten million of them."""
    if server is not None:
        blob = server.git(name, "rev-parse", "main:Containerfile").strip()
        kind, tree = f"100644 blob {blob}", ""
        for _ in range(7):
            argv = ["git", "-C", str(server.root / f"{name}.git"), "mktree"]
            rows = "".join(f"{kind}\t{number}\n" for number in range(10))
            tree = subprocess.run(argv, input=rows, capture_output=True, text=True, check=True).stdout.strip()
            kind = f"040000 tree {tree}"
        commit = server.git(name, "commit-tree", tree, "-m", "Millions").strip()
        server.git(name, "update-ref", "refs/heads/main", commit)
    return {"Containerfile": CONTAINERFILE}


def deep() -> dict[str, str | bytes]:
    """One file below a hundred and fifty folders."""
    return {"d/" * 150 + "file": "deep"}


def odd_names() -> dict[str, str | bytes]:
    """Names that a shell, a terminal or a tool might take for something else."""
    names = [
        "--checkpoint-action=exec=sh",
        "-rf",
        "new\nline",
        "tab\t",
        "\x1b[31mred",
        "\x7f",
        " ",
        "$(id)",
        "`id`",
        "*",
        "%s%n",
    ]
    names += [
        "n" * 255,
        "caf\udce9",
        "\udcff\udcfe",
        "\uff26\uff35",
        "\u202egnp.exe",
        "con",
        "a" * 100 + "/" + "b" * 255,
        '"; RUN id; "',
    ]
    return dict.fromkeys(names, "odd")
