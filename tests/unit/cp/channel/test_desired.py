"""Desired state, pure: rows in, message out."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from wisehosting_cp.channel.builds import assignment
from wisehosting_cp.channel.desired import render, within_a_frame
from wisehosting_cp.channel.text import clean, clean_all, reason_and_detail
from wisehosting_cp.instances.models import Instance
from wisehosting_cp.instances.spec import from_json
from wisehosting_cp.jobs.models import Job
from wisehosting_cp.kit.ids import new_id
from wisehosting_cp.projects.models import Environment, Project
from wisehosting_wire.fitting import fits
from wisehosting_wire.workload import Wanted

PROJECT = Project(id=new_id(), team_id=new_id(), name="shop")
ENVIRONMENT = Environment(id=new_id(), project_id=PROJECT.id, number=7)


def placed(*, tombstone: bool = False, wanted: Wanted = Wanted.running) -> tuple[Instance, Environment, Project]:
    instance = Instance(
        id=new_id(),
        process="web",
        wanted=wanted,
        tombstone=tombstone,
        spec={"image": "sha256:1", "variables_version": 3, "port": 8080, "limits": {"pids": 64}, "command": ["run"]},
    )
    return instance, ENVIRONMENT, PROJECT


def test_rows_become_workloads_and_tombstones_whatever_their_order() -> None:
    rows = [placed(), placed(tombstone=True), placed(wanted=Wanted.stopped)]
    state = render(5, rows)
    assert (state.generation, len(state.workloads), len(state.tombstones)) == (5, 2, 1)
    first = state.workloads[0]
    assert (first.environment.number, first.environment.project, first.variables_version) == (7, "shop", 3)
    assert (first.limits.pids, first.limits.nofile, first.command) == (64, 4096, ["run"])
    assert [item.wanted for item in state.workloads] == [Wanted.running, Wanted.stopped]
    assert render(5, rows[::-1]) == state


def test_an_instance_without_a_known_spec_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="privileged"):
        from_json({"image": "sha256:1", "variables_version": 1, "privileged": True})


def _job(**changes: Any) -> Job:
    payload = {
        "url": "https://git.test/x.git",
        "commit": "",
        "branch": "main",
        "variables_version": 1,
        "team": str(new_id()),
        "project": "shop",
        "environment_id": str(new_id()),
        "environment_number": 7,
        **changes,
    }
    payload = {name: value for name, value in payload.items() if value is not ...}
    return Job(id=new_id(), subject_id=new_id(), attempt=2, payload=payload)


def test_a_job_becomes_an_assignment_without_a_key() -> None:
    job = _job(limits={"seconds": 5})
    said = assignment(job)
    assert (UUID(said.job), said.attempt, said.build.limits.seconds) == (job.id, 2, 5)
    assert said.build.key_salt == b""


@pytest.mark.parametrize("changes", [{"url": ...}, {"environment_number": "7"}, {"limits": {"seconds": "x"}}])
def test_a_broken_payload_is_told_apart(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"url|environment|number|seconds"):
        assignment(_job(**changes))


def test_words_of_a_worker_are_made_fit_for_rows() -> None:
    assert clean("a\0b") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(clean("x" * 10_000)) == 4000
    assert reason_and_detail("never_ready", "d") == ("never_ready", "d")
    assert reason_and_detail("", "d") == ("", "d")
    assert reason_and_detail("new_thing", "d") == ("worker_error", "new_thing: d")
    assert reason_and_detail("new_thing", "") == ("worker_error", "new_thing")


def test_a_command_as_long_as_it_may_be_is_kept_whole() -> None:
    script = "x" * 32 * 1024
    assert clean_all({"settings": {"command": ["sh", "-c", script]}}) == {"settings": {"command": ["sh", "-c", script]}}
    assert clean_all(["a\0b"]) == ["a\N{REPLACEMENT CHARACTER}b"]


def test_a_state_that_fits_is_sent_as_it_is_and_one_that_does_not_loses_its_newest_workloads() -> None:
    rows = [placed() for _ in range(40)] + [placed(tombstone=True)]
    small = render(5, rows)
    assert within_a_frame(small) is small
    for instance, _, _ in rows:
        instance.spec = {**instance.spec, "command": ["x" * 32 * 1024]}
    whole = render(5, rows)
    sent = within_a_frame(whole)
    assert fits(sent)
    assert 25 < len(sent.workloads) < 40
    assert sent.workloads == whole.workloads[: len(sent.workloads)]
    assert (sent.generation, sent.tombstones) == (5, whole.tombstones)
    one_more = msgspec.structs.replace(whole, workloads=whole.workloads[: len(sent.workloads) + 1])
    assert not fits(one_more)


def test_a_job_that_fits_no_frame_is_told_apart() -> None:
    with pytest.raises(ValueError, match="too large to be sent"):
        assignment(_job(branch="x" * 2**20))
