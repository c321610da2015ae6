"""The form of the tables in tests/unit/stacks: small trees of files, and the plan that must follow."""

from collections.abc import Mapping, Sequence

import msgspec

from wisehosting_stacks import BuildSettings, Offers, Plan, Tree, detect


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Files, and what is decided from them."""

    files: Mapping[str, str]
    asked: BuildSettings = BuildSettings()
    offers: Offers = Offers()
    summary: str
    images: Sequence[str]
    install: str = ""
    build: str = ""
    notes: Sequence[str] = ()
    """A part of each note, in order."""
    processes: Mapping[str, Sequence[str]] = {}
    packages: Sequence[str] = ()
    port: int = 8080


def holds(case: Case) -> Plan:
    """Detect, and compare all that a person would be shown. A second detection decides the same."""
    plan = detect(Tree.of(case.files), case.asked, case.offers)
    assert plan.summary == case.summary
    assert list(plan.images) == list(case.images)
    assert (plan.install, plan.build, plan.port) == (case.install, case.build, case.port)
    assert {name: list(argv) for name, argv in plan.processes.items()} == dict(case.processes)
    assert list(plan.packages) == list(case.packages)
    assert len(plan.notes) == len(case.notes), plan.notes
    for note, part in zip(plan.notes, case.notes, strict=True):
        assert part in note
    assert detect(Tree.of(case.files), case.asked, case.offers) == plan
    return plan
