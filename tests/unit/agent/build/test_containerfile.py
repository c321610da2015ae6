"""A Containerfile of a stranger: what Podman gets is what was checked, in one spelling, and nothing in it leaves the build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_agent.build.containerfile import Containerfile, bound_sources, caches, parse, vet
from wisehosting_agent.build.mounts import CacheMount
from wisehosting_agent.errors import WorkFailed
from wisehosting_agent.reasons import Reason

F = "FROM docker.io/library/debian:13\n"

WRITTEN = {
    "a plain file": (F + "RUN make\n", F + "RUN make\n"),
    "small letters": ("from debian:13\nrun make\n", "FROM debian:13\nRUN make\n"),
    "a continuation": (F + "RUN a \\\n  && b\n", F + "RUN a   && b\n"),
    "a comment inside a continuation": (F + "RUN a \\\n# why\n  # indented\n  b\n", F + "RUN a   b\n"),
    "a blank line inside a continuation": (F + "RUN a \\\n\n  b\n", F + "RUN a   b\n"),
    "blanks behind the backslash": (F + "RUN a \\ \t\nb\n", F + "RUN a b\n"),
    "a continuation at the end": (F + "RUN a \\\\\\\n", F + "RUN a\n"),
    "Windows line ends": ("FROM debian:13\r\nRUN a \\\r\n b\r\n", "FROM debian:13\nRUN a  b\n"),
    "a byte order mark": ("\ufeff" + F, F),
    "comments and a syntax line": ("# syntax=docker/dockerfile:1\n# escape=\\\n" + F, F),
    "a variable in FROM": (
        "ARG TAG=13\nARG IMAGE=debian:$TAG\nFROM ${IMAGE}\n",
        "ARG TAG=13\nARG IMAGE=debian:$TAG\nFROM debian:13\n",
    ),
    "a variable with a default": ("FROM debian:${TAG:-12}\n", "FROM debian:12\n"),
    "a platform": (
        "FROM --platform=$BUILDPLATFORM debian:13 as one\n",
        "FROM --platform=$BUILDPLATFORM debian:13 AS one\n",
    ),
    "a bit shift and a here-string": (
        F + "RUN echo $((1<<2)) 1 << 2; cat <<<x\n",
        F + "RUN echo $((1<<2)) 1 << 2; cat <<<x\n",
    ),
    "flags of COPY": (F + "COPY --chown=1:1 --chmod=644 a b\n", F + "COPY --chown=1:1 --chmod=644 a b\n"),
    "a step that is kept for later": (F + "ONBUILD run make\n", F + "ONBUILD RUN make\n"),
    "a cache gets a name of its own": (
        F + "RUN --mount=type=cache,dst=/root/.cache/pip pip\n",
        F + "RUN --mount=type=cache,target=/root/.cache/pip,id=cache-root-.cache-pip pip\n",
    ),
    "a cache's name is no path": (
        F + "RUN --mount=id=../../etc,type=cache,target=/x a\n",
        F + "RUN --mount=id=cache-etc,type=cache,target=/x a\n",
    ),
    "a cache's owner, and a lock it does not need": (
        F + "RUN --mount=type=cache,target=/x,sharing=locked,uid=1000,gid=0,mode=0750 a\n",
        F + "RUN --mount=type=cache,target=/x,uid=1000,gid=0,mode=0750,id=cache-x a\n",
    ),
    "a file of the repository": (
        F + "RUN --mount=source=uv.lock,target=uv.lock a\n",
        F + "RUN --mount=source=uv.lock,target=uv.lock,type=bind a\n",
    ),
    "a secret and memory": (
        F + "RUN --mount=type=secret,id=t --mount=type=tmpfs,target=/t a\n",
        F + "RUN --mount=type=secret,id=t --mount=type=tmpfs,target=/t a\n",
    ),
    "no network": (F + "RUN --network=none a\n", F + "RUN --network=none a\n"),
    "JSON": (F + 'ADD ["a b", "/c"]\nCMD ["x"]\n', F + 'ADD ["a b", "/c"]\nCMD ["x"]\n'),
}

IMAGES = {
    "once each": (F + F, ["docker.io/library/debian:13"]),
    "scratch is none": ("FROM scratch\nCOPY a b\n", []),
    "a stage by name": ("FROM a AS one\nFROM b\nCOPY --from=one x y\n", ["a", "b"]),
    "a stage as base": ("FROM a AS one\nFROM one\n", ["a"]),
    "a stage by number": ("FROM a\nFROM b\nCOPY --from=0 x y\n", ["a", "b"]),
    "a number that is no stage": ("FROM a\nCOPY --from=7 x y\n", ["a", "7"]),
    "a stage that comes later": ("FROM a\nCOPY --from=late x y\nFROM b AS late\n", ["a", "late", "b"]),
    "another image": ("FROM a\nCOPY --from=ghcr.io/astral-sh/uv:1 /uv /uv\n", ["a", "ghcr.io/astral-sh/uv:1"]),
    "an image that is mounted": ("FROM a\nRUN --mount=from=b:1,target=/b x\n", ["a", "b:1"]),
    "one that is kept for later": ("FROM a\nONBUILD COPY --from=b x y\n", ["a", "b"]),
    "a registry with port and digest": (
        f"FROM r.example:5000/a@sha256:{'ab' * 32}\n",
        [f"r.example:5000/a@sha256:{'ab' * 32}"],
    ),
}

REFUSED = {
    "nothing": ("", "no FROM"),
    "only a backslash": ("\\", "no FROM"),
    "a NUL byte": (F + "RUN a\0b\n", "line 2 holds the control character 0x00"),
    "a carriage return that hides a continuation": (F + "RUN a \\\r \r\nFROM b AS c\n", "control character 0x0d"),
    "another line separator": (F + "RUN a\u2028b\n", "control character 0x2028"),
    "another escape character": ("# escape=`\n" + F, "Use the backslash"),
    "an unknown instruction": (F + "RUNN a\n", "line 2: RUNN is not an instruction"),
    "an instruction with nothing behind it": (F + "RUN\n", "is not an instruction"),
    "a step before FROM": ("RUN a\n" + F, "stands before the first FROM"),
    "a variable without a default": ("ARG TAG\nFROM debian:$TAG\n", "ARG TAG=…"),
    "an unknown flag of FROM": ("FROM --pull=always debian\n", "the flag --pull"),
    "two images": ("FROM a b\n", "FROM image AS name"),
    "a stage named like a path": ("FROM a AS dir:/etc\n", "names its stage"),
    "a stage in another spelling": ("FROM a AS One\nFROM b\nCOPY --from=one x y\n", "spells the stage"),
    "a path as image": ("FROM /etc/passwd\n", "no image name"),
    "an archive as image": ("FROM docker-archive:/etc/passwd\n", "no image name"),
    "an archive that looks like a registry": ("FROM docker-archive:80/a\n", "no image name"),
    "another store": (F + "COPY --from=containers-storage:80/a x y\n", "no image name"),
    "a folder as image": (F + "COPY --from=dir:/var x y\n", "no image name"),
    "an image layout": (F + "COPY --from=oci:x x y\n", "no image name"),
    "a URL as image": (F + "COPY --from=docker://a x y\n", "no image name"),
    "a number that is none": (F + "COPY --from=² x y\n", "no image name"),
    "a variable in --from": (F + "ARG X=dir:/etc\nCOPY --from=$X x y\n", "variable in --from"),
    "a flag in quotes": (F + 'COPY --"from"=dir:/etc x y\n', "quotes, escapes"),
    "a flag with an escape": (F + "COPY --fr\\om=dir:/etc x y\n", "quotes, escapes"),
    "a flag behind an open quote": (F + 'COPY --chown=" x" --from=dir:/etc x y\n', "quotes, escapes"),
    "a flag in capitals": (F + "COPY --FROM=dir:/etc x y\n", "quotes, escapes"),
    "a flag that is not known": (F + "RUN --device=/dev/kvm x\n", "the flag --device"),
    "flags alone": (F + "RUN --network=none \u00a0\n", "nothing behind"),
    "the host's network": (F + "RUN --network=host x\n", "--network=host"),
    "the default network by name": (F + "RUN --network=default x\n", "--network=default"),
    "no confinement": (F + "RUN --security=insecure x\n", "--security=insecure"),
    "the host's network, later": (F + "ONBUILD RUN --network=host x\n", "--network=host"),
    "FROM, later": (F + "ONBUILD FROM dir:/etc\n", "kept for later"),
    "later, later": (F + "ONBUILD ONBUILD RUN x\n", "kept for later"),
    "nothing, later": (F + "ONBUILD RUN\n", "kept for later"),
    "an SSH agent": (F + "RUN --mount=type=ssh x\n", "type=ssh"),
    "an unknown mount": (F + "RUN --mount=type=devpts,target=/x y\n", "type=devpts"),
    "a mount that may be written": (F + "RUN --mount=source=a,target=/a,rw x\n", "'rw' in --mount=type=bind"),
    "a mount that is not read-only": (F + "RUN --mount=source=a,target=/a,readonly=false x\n", "`ro` with a value"),
    "a shared mount": (F + "RUN --mount=target=/a,bind-propagation=rshared x\n", "'bind-propagation'"),
    "two sources": (F + "RUN --mount=source=a,src=/etc,target=/a x\n", "says source twice"),
    "two types": (F + "RUN --mount=type=bind,type=ssh x\n", "says type twice"),
    "a source above": (F + "RUN --mount=source=../../etc,target=/a x\n", "`..`"),
    "a part of a stage, where a link could lie": (
        "FROM a AS one\nRUN ln -s / /...\nFROM b\nRUN --mount=from=one,source=/...,target=/a x\n",
        "Leave `source` away",
    ),
    "a cache from a stage": ("FROM a AS one\nFROM b\nRUN --mount=type=cache,from=one,target=/a x\n", "'from'"),
    "a cache's source": (F + "RUN --mount=type=cache,source=a,target=/a x\n", "'source'"),
    "a cache over everything": (F + "RUN --mount=type=cache,target=/ x\n", "over the root folder"),
    "a mount over everything, said otherwise": (F + "RUN --mount=type=tmpfs,target=//. x\n", "over the root folder"),
    "a mount that climbs to everything": (F + "RUN --mount=type=bind,target=/a/.. x\n", "over the root folder"),
    "a cache without a place": (F + "RUN --mount=type=cache,id=a x\n", "without `target`"),
    "a cache shared in a way there is none": (F + "RUN --mount=type=cache,target=/a,sharing=all x\n", "sharing=all"),
    "a cache of nobody's": (F + "RUN --mount=type=cache,target=/a,uid=65536 x\n", "uid=65536"),
    "a secret of a name": (F + "RUN --mount=type=secret,id=a,uid=root x\n", "uid=root"),
    "a mode that is none": (F + "RUN --mount=type=cache,target=/a,mode=u+s x\n", "mode=u+s"),
    "a mount from nowhere": (F + "RUN --mount=from=,target=/a x\n", "`from` without a name"),
    "a variable in a mount": (F + "RUN --mount=source=$A,target=/a x\n", "variable in --mount"),
    "quotes in a mount": (F + 'RUN --mount="type=bind,from=dir:/etc" x\n', "quotes, escapes"),
    "a here-document": (F + "RUN <<EOF\nmake\nEOF\n", "here-document"),
    "an indented here-document": (F + "COPY <<-EOF /x\nmake\n\tEOF\n", "here-document"),
    "a here-document that ends in an instruction": (
        F + 'RUN cat <<"LABEL a=b"\nFROM a AS hidden\nLABEL \\\na=b\nCOPY --from=hidden x y\n',
        "here-document",
    ),
    "a here-document, later": (F + "ONBUILD RUN <<'LABEL a=b'\nFROM a AS hidden\nLABEL a=b\n", "here-document"),
    "ADD of an address": (F + "ADD http://10.0.0.1/x /x\n", "may fetch from an address"),
    "ADD of an address whose slashes are quoted": (F + "ADD http:/'/'127.0.0.1/x /x\n", "may fetch"),
    "ADD of an address in JSON": (F + 'ADD ["http:/\'/\'127.0.0.1/x", "/x"]\n', "may fetch"),
    "ADD of an address in escaped JSON": (F + 'ADD ["http:\\u002f/127.0.0.1/x", "/x"]\n', "may fetch"),
    "ADD of a variable": (F + "ADD $X /x\n", "may fetch"),
    "ADD of a Git repository": (F + "ADD git@host.example:a/b.git /x\n", "may fetch"),
    "ADD of a repository by its site": (F + "ADD GitHub.com/a/b /x\n", "may fetch"),
    "ADD of an address, later": (F + "ONBUILD ADD https://a.example/x /x\n", "may fetch"),
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.values(), ids=WRITTEN)
def test_a_normal_containerfile_is_written_in_one_spelling(text: str, written: str) -> None:
    assert vet(text).text == written
    assert vet(written).text == written


@pytest.mark.parametrize(("text", "images"), IMAGES.values(), ids=IMAGES)
def test_images_from_elsewhere_are_named_and_stages_are_not(text: str, images: list[str]) -> None:
    assert list(vet(text).images) == images


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_would_reach_beyond_the_build_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(WorkFailed) as failed:
        vet(text)
    assert failed.value.reason is Reason.containerfile_refused
    assert sentence in failed.value.detail


def test_a_refusal_names_the_file_and_the_line_where_the_instruction_begins() -> None:
    with pytest.raises(WorkFailed, match=r"deploy/Dockerfile, line 3: RUN asks for --network=host"):
        vet(F + "\nRUN \\\n --network=host x\n", "deploy/Dockerfile")


def test_steps_count_from_the_first_from_on() -> None:
    assert vet("ARG A=1\n" + F + "RUN a\nUSER 1\n").steps == 3


def test_caches_are_listed_once_each_with_the_owner_of_the_first_mount() -> None:
    long = "a" * 300
    text = vet(
        "FROM a\nRUN --mount=type=cache,id=x,target=/a,uid=7,mode=0700 --mount=type=cache,id=/x/,target=/b a\n"
        f"FROM b\nONBUILD RUN --mount=type=cache,id={long},target=/c --mount=target=/d a\n"
    ).text
    first, second = caches(text)
    assert first == CacheMount(id="cache-x", uid=7, mode=0o700)
    assert (len(second.id), second.uid, second.mode) == (64, 0, 0o755)


def test_what_is_mounted_from_the_repository_is_listed_for_the_check_of_links() -> None:
    text = (
        "FROM a AS one\nRUN --mount=source=./sub//file,target=/a --mount=type=bind,src=/top,target=/b x\n"
        "FROM b\nRUN --mount=from=one,target=/a --mount=type=cache,target=/c --mount=target=/all x\n"
        "ONBUILD RUN --mount=source=later,target=/a x\n"
    )
    assert bound_sources(vet(text).text) == ["sub/file", "top", "later"]


PIECES = st.sampled_from(
    [
        *(text for text, _ in [*WRITTEN.values(), *REFUSED.values(), *IMAGES.values()]),
        *[
            "\\",
            "\n",
            "\r",
            "\t",
            "#",
            "'",
            '"',
            "$",
            "${A}",
            "${A:-b}",
            "<<",
            "<<E",
            "E",
            "\\\\",
            "=",
            ",",
            "[",
            "]",
            ".",
            "..",
            "/",
            "\xa0",
            "²",
            "\ufeff",
        ],
        *[
            "FROM a",
            "AS one",
            "RUN ",
            "COPY ",
            "ADD ",
            "ARG A=b",
            "ONBUILD ",
            "CMD ",
            "--from=",
            "--mount=",
            "type=cache",
            "target=/x",
            "id=",
            "source=",
        ],
        "\n",
        " ",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=60).map(F.__add__)))
def test_whatever_is_written_rewriting_it_again_changes_nothing_and_only_refusals_are_raised(text: str) -> None:
    try:
        first: Containerfile = vet(text)
    except WorkFailed:
        return
    assert vet(first.text) == first
    assert [one.line for one in parse(first.text)] == list(range(1, first.text.count("\n") + 1))
    bound_sources(first.text)
