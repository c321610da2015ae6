"""Port rules whose container is gone are found; those of living ones and of other platforms stay."""

from wisehosting_agent.runtime.portrules import stale_rules

OLD, NEW, OTHER = "a" * 64, "b" * 64, "c" * 64


def jump(port: int, network: str, container: str) -> str:
    comment = f'-m comment --comment "dnat name: {network} id: {container}"'
    return f"-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport {port} {comment} -j NETAVARK-DN-1"


def target(port: int, address: str) -> str:
    return f"-A NETAVARK-DN-1 -d 127.0.0.1/32 -p tcp -m tcp --dport {port} -j DNAT --to-destination {address}:8080"


def test_a_dead_containers_rules_are_stale_and_a_living_ones_are_not() -> None:
    rules = [
        "-N NETAVARK-DN-1",
        target(20001, "10.128.0.2"),
        target(20002, "10.128.0.3"),
        jump(20001, "wh0-e1", OLD),
        jump(20002, "wh0-e1", NEW),
    ]
    assert list(stale_rules(rules, "wh0-", {NEW})) == [rules[3], rules[1]]
    assert list(stale_rules(rules, "wh0-", {OLD, NEW})) == []


def test_another_platforms_rules_are_never_touched() -> None:
    rules = [target(24001, "10.129.0.2"), jump(24001, "wh1-e1", OTHER), jump(24002, "podman", OTHER)]
    assert list(stale_rules(rules, "wh0-", set())) == []


def test_a_port_that_a_living_container_has_keeps_its_newest_target() -> None:
    rules = [
        target(20001, "10.128.0.2"),
        target(20001, "10.128.0.9"),
        jump(20001, "wh0-e1", OLD),
        jump(20001, "wh0-e1", NEW),
    ]
    assert list(stale_rules(rules, "wh0-", {NEW})) == [rules[2], rules[0]]
