"""The digest of a routing table: how an ingress node proves which table it has in force (docs/wire.md, Routes)."""

import hashlib
from collections.abc import Iterable

import msgspec

from wisehosting_wire.workload import RouteApp

_encode = msgspec.msgpack.Encoder().encode


def routes_digest(apps: Iterable[RouteApp]) -> bytes:
    """sha256 over the canonical form of the whole table, apps that were refused included.

    Canonical form: msgpack of `[[app, hosts, live, [[deployment, number, draining, [[instance, address, port, ready, draining]]]]]]`,
    apps sorted by app, hosts by text, deployments by deployment, servers by instance.
    """
    table = [
        [
            app.app,
            sorted(app.hosts),
            app.live,
            [
                [
                    deployment.deployment,
                    deployment.number,
                    deployment.draining,
                    [
                        [server.instance, server.address, server.port, server.ready, server.draining]
                        for server in sorted(deployment.servers, key=lambda server: server.instance)
                    ],
                ]
                for deployment in sorted(app.deployments, key=lambda deployment: deployment.deployment)
            ],
        ]
        for app in sorted(apps, key=lambda app: app.app)
    ]
    return hashlib.sha256(_encode(table)).digest()
