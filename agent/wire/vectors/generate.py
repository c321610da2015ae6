# ruff: noqa: INP001  # a script beside its data, not a package
"""Writes `v1.json`, the test vectors of docs/wire.md. `--check` compares instead and exits 1 when they differ.

Everything is fixed: a change of this file's output is a change of the protocol.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from wisehosting_wire import facts as f
from wisehosting_wire import messages as m
from wisehosting_wire import workload as w
from wisehosting_wire.codec import Sealer, encode_message
from wisehosting_wire.handshake import Challenge, encode_nonce
from wisehosting_wire.keys import Direction, connection_key, refresh_mac, verifier
from wisehosting_wire.routes import routes_digest

PATH = Path(__file__).with_name("v1.json")
RAW_KEY = bytes(range(32))
NONCE_WORKER = bytes(range(32, 64))
NONCE_CP = bytes(range(64, 96))
CONNECTION = bytes(range(96, 112))
WORKER = "018f4e9a-7c11-7000-8000-000000000001"
PROTOCOL = 1

ENVIRONMENT = w.EnvironmentRef(id="018f-env", team="018f-team", project="shop", number=7)
LIMITS = f.Capacity(cpus=2, memory_bytes=4 << 30, disk_bytes=100 << 30, disk_free_bytes=50 << 30)
WORKLOAD = w.Workload(
    instance="018f-instance",
    environment=ENVIRONMENT,
    process="web",
    wanted=w.Wanted.running,
    image="ab" * 32,
    variables_version=3,
    port=8080,
)
APPS = [
    w.RouteApp(
        app="env-b",
        hosts=["b.localhost", "a.localhost"],
        live="dep-2",
        deployments=[
            w.RouteDeployment(
                deployment="dep-2",
                number=2,
                servers=[
                    w.RouteServer(instance="i-2", address="127.0.0.1", port=20002),
                    w.RouteServer(instance="i-1", address="127.0.0.1", port=20001, ready=False),
                ],
            ),
            w.RouteDeployment(deployment="dep-1", number=1, servers=[], draining=True),
        ],
    ),
    w.RouteApp(app="env-a", hosts=[], live=None, deployments=[]),
]
BUILD = w.BuildSpec(
    build="018f-build",
    environment=ENVIRONMENT,
    source=w.Source(url="https://git.example/shop.git", commit="c" * 40, branch="main"),
    settings=w.BuildSettings(version="3.12", packages=("libpq5",)),
    variables_version=3,
    key_salt=b"salt",
)

FROM_AGENT: list[tuple[m.Message, int]] = [
    (
        m.Hello(
            store="0123456789abcdef",
            boot="fedcba9876543210",
            received=5,
            generation=12,
            cp_epoch=1,
            routes_revision=9,
            routes_digest=routes_digest(APPS),
            versions=f.Versions(agent="0.1.0", podman="4.3.1", runtime="runc 1.1.5"),
            capacity=LIMITS,
            roles=["apps", "builds", "ingress"],
        ),
        0,
    ),
    (m.Ack(number=6), 0),
    (m.Refused(seq=4, reason="unknown_message", detail="Invalid value", number=7), 0),
    (
        m.Heartbeat(
            capacity=LIMITS,
            firewall=f.FirewallReport(closed=True, checked_at=1763940607.5, probes={"metadata": True}),
            bases=[f.BaseImage(name="debian-13", image="cd" * 32, status="ready", seconds=40.0)],
        ),
        0,
    ),
    (
        m.InstanceObserved(
            instance="018f-instance",
            status=w.InstanceStatus.ready,
            address="127.0.0.1",
            port=20001,
            container="ef" * 32,
            generation=12,
            at=1763940607.5,
            seconds=1.25,
        ),
        1,
    ),
    (m.Inventory(generation=12, instances={"018f-instance": w.InstanceStatus.ready}, unknown=["01" * 32]), 0),
    (
        m.JobProgress(
            job="018f-job",
            attempt=1,
            phase="checked_out",
            seconds=0.5,
            commit="c" * 40,
            subject="First light",
            author="Ada",
        ),
        2,
    ),
    (
        m.JobProgress(
            job="018f-job",
            attempt=1,
            phase="planned",
            seconds=0.25,
            plan=f.BuildPlan(stack="static", summary="a static site", found=["a static site (index.html)"], port=8080),
        ),
        6,
    ),
    (
        m.JobFinished(
            job="018f-job",
            attempt=1,
            image=f.ImageFacts(image="ab" * 32, size_bytes=12345, exposed=[8080], user="app", command=["serve"]),
            content_key="key",
            seconds=9.5,
            report=f.BuildReport(
                steps=[
                    f.BuildStep(number=1, instruction="FROM debian", cached=True, stage="build"),
                    f.BuildStep(number=2, instruction="RUN make", seconds=7.25, stage="build"),
                ]
            ),
        ),
        3,
    ),
    (
        m.JobFinished(
            job="018f-other",
            attempt=2,
            reason="build_failed",
            detail="The build ended with exit code 2 in step 2 (RUN make).",
            seconds=1.5,
            report=f.BuildReport(
                steps=[f.BuildStep(number=2, instruction="RUN make", seconds=0.5, stage="1")],
                failed_step=2,
                last_lines=["make: *** No targets specified and no makefile found.  Stop."],
                hint=f.Hint(title="There is no makefile", sentence="Commit it and push."),
            ),
        ),
        4,
    ),
    (m.RouteAck(revision=9, digest=routes_digest(APPS), refused=["env-a:pool_empty"]), 5),
    (m.RouteProbed(revision=9, result=m.RouteProbe(deployment="dep-2", seen=2, status=200)), 0),
    (m.RouteDrained(deployment="dep-1", closed_streams=1), 6),
    (m.SecretsWanted(environment="018f-env", version=3), 0),
    (
        m.LogChunk(
            subject="018f-build",
            kind="build",
            first=1,
            lines=[m.LogLine(1763940607516045216, 0, "hällo", 2), m.LogLine(1763940607516045217, 1, "")],
            last=True,
        ),
        0,
    ),
    (m.TokenWanted(), 0),
    (
        m.DiskReport(
            number=4,
            budget_bytes=10 << 30,
            floor_bytes=1 << 30,
            used_bytes=3 << 30,
            free_bytes=50 << 30,
            bases_bytes=1 << 30,
            containers_bytes=4096,
            other_bytes=8192,
            teams=[
                f.TeamDisk(
                    team="018f-team",
                    images=[f.ImageUse(image="ab" * 32, size_bytes=1 << 29)],
                    shared_bytes=1 << 28,
                    cache_bytes=1 << 27,
                    package_cache_bytes=1 << 26,
                )
            ],
            left_out=1,
        ),
        0,
    ),
]
TO_AGENT: list[tuple[m.Message, int]] = [
    (m.Welcome(cp_epoch=1, received=3, release="0.1.0"), 0),
    (m.Ack(number=5), 0),
    (m.Refused(seq=2, reason="unexpected_message", detail="Hello comes once"), 0),
    (
        m.DesiredState(cp_epoch=1, generation=13, workloads=[WORKLOAD], tombstones=[w.Tombstone(instance="018f-old")]),
        0,
    ),
    (m.Routes(revision=10, base=9, snapshot=False, apps=APPS, removed=["env-c"]), 0),
    (m.Probe(revision=10, deployment="dep-2", host="a.localhost", path="/up"), 0),
    (m.JobAssigned(job="018f-job", attempt=1, build=BUILD), 1),
    (m.JobCancelled(job="018f-job", reason="newer_push"), 2),
    (m.Secrets(environment="018f-env", version=3, run={"NAME": "line\nline"}, build={"TOKEN": "ü"}), 0),
    (m.TokenRenewed(token="a.b.c", expires_at=1763941507.5), 0),  # noqa: S106  # not a token
    (m.LogAck(subject="018f-build", last=2), 0),
    (m.NetworkPolicy(allow=["10.1.2.3/32:443"]), 0),
    (m.RemoveImages(report=4, team="018f-team", images=["ab" * 32]), 0),
]


def vectors() -> dict[str, Any]:
    """All of them, as JSON can hold them."""
    root = verifier(RAW_KEY)
    keys = {
        direction: connection_key(
            root,
            nonce_worker=NONCE_WORKER,
            nonce_cp=NONCE_CP,
            direction=direction,
            worker=WORKER,
            protocol=PROTOCOL,
        )
        for direction in Direction
    }
    return {
        "protocol": PROTOCOL,
        "worker": WORKER,
        "raw_key": RAW_KEY.hex(),
        "verifier": root.hex(),
        "nonce_worker": NONCE_WORKER.hex(),
        "nonce_worker_header": encode_nonce(NONCE_WORKER),
        "nonce_cp": NONCE_CP.hex(),
        "connection": CONNECTION.hex(),
        "challenge": Challenge(PROTOCOL, CONNECTION, NONCE_CP).encode().hex(),
        "keys": {str(direction): key.hex() for direction, key in keys.items()},
        "refresh": {
            "token_id": "018f-jti",
            "nonce": NONCE_CP.hex(),
            "mac": refresh_mac(root, worker=WORKER, nonce=NONCE_CP, token_id="018f-jti").hex(),  # noqa: S106  # an id
        },
        "routes": {"apps": msgspec.to_builtins(APPS), "digest": routes_digest(APPS).hex()},
        "frames": {
            str(direction): _frames(keys[direction], direction, sent)
            for direction, sent in ((Direction.to_cp, FROM_AGENT), (Direction.to_worker, TO_AGENT))
        },
    }


def _frames(key: bytes, direction: Direction, sent: list[tuple[m.Message, int]]) -> list[dict[str, Any]]:
    sealer = Sealer(key, protocol=PROTOCOL, direction=direction, worker=WORKER, connection=CONNECTION)
    frames = []
    for seq, (message, number) in enumerate(sent, start=1):
        frame = sealer.seal(message, number)
        body = encode_message(message)
        frames.append(
            {
                "type": type(message).__name__,
                "seq": seq,
                "number": number,
                "message": base64.b64encode(body).decode(),
                "frame": base64.b64encode(frame).decode(),
                "sha256": hashlib.sha256(frame).hexdigest(),
            }
        )
    return frames


def main() -> int:
    """Write, or check."""
    text = json.dumps(vectors(), indent=1, sort_keys=True) + "\n"
    if "--check" in sys.argv[1:]:
        return 0 if PATH.exists() and PATH.read_text() == text else 1
    PATH.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
