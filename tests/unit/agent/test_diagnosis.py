"""What an app's last lines say about why it could not start."""

import pytest

from wisehosting_agent.diagnosis import capabilities_needed, ended, refused_start
from wisehosting_agent.reasons import Reason
from wisehosting_agent.runtime.port import ContainerState, ObservedContainer
from wisehosting_wire.workload import EnvironmentRef, Wanted, Workload

PYTHON = """\
  File "/usr/lib/python3.13/socketserver.py", line 478, in server_bind
    self.socket.bind(self.server_address)
    ~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^
PermissionError: [Errno 13] Permission denied"""
NODE = """\
      throw er; // Unhandled 'error' event
Error: listen EACCES: permission denied 0.0.0.0:80
    at Server.setupListenHandle [as _listen2] (node:net:1898:21)"""
NGINX = "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)"
FILE = """\
    open("/etc/app.conf", "w")
PermissionError: [Errno 13] Permission denied: '/etc/app.conf'"""


@pytest.mark.parametrize("said", [PYTHON, NODE, NGINX], ids=["python", "node", "nginx"])
def test_a_port_that_only_root_may_open_is_recognised_in_what_the_app_wrote(said: str) -> None:
    assert capabilities_needed(said.splitlines()) == ["NET_BIND_SERVICE"]


def test_a_file_that_may_not_be_written_is_not_taken_for_a_port() -> None:
    assert capabilities_needed(FILE.splitlines()) == []


def test_changing_user_needs_both_ids() -> None:
    assert capabilities_needed(["su: cannot set user id: Operation not permitted"]) == ["SETGID", "SETUID"]


OBSERVED = ObservedContainer(
    container="c", instance="i", environment="e", image="x", state=ContainerState.exited, exit_code=1
)
WORKLOAD = Workload(
    instance="i",
    environment=EnvironmentRef(id="e", team="t", project="shop", number=1),
    process="web",
    wanted=Wanted.running,
    image="x",
    variables_version=1,
)


@pytest.mark.parametrize("was_ready", [True, False])
def test_three_ends_in_a_row_are_a_crash_loop_and_say_when_it_starts_again(was_ready: bool) -> None:
    found = ended(OBSERVED, WORKLOAD, ["boom"], was_ready=was_ready, oom_kills=0, in_a_row=3, again_seconds=4)
    assert found.reason is Reason.crash_loop
    assert found.detail.startswith("The app has ended 3 times in a row, the last time with exit code 1. It is started")
    assert "in 4 s" in found.detail
    assert "boom" in found.detail


def test_lack_of_memory_is_named_so_also_in_a_crash_loop() -> None:
    killed = ObservedContainer(
        container="c", instance="i", environment="e", image="x", state=ContainerState.exited, exit_code=137
    )
    assert ended(killed, WORKLOAD, [], was_ready=True, oom_kills=1, in_a_row=9).reason is Reason.out_of_memory


def test_an_app_that_lacks_a_module_is_told_how_it_gets_it() -> None:
    lines = ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'uvicorn'"]
    found = ended(OBSERVED, WORKLOAD, lines, was_ready=False, oom_kills=0)
    assert found.reason is Reason.crashed_at_start
    assert "before it was ready. Python finds no module uvicorn. Add `uvicorn` to the requirements" in found.detail
    assert found.detail.endswith("\n".join(lines))


@pytest.mark.parametrize(
    ("message", "reason", "said"),
    [
        (
            "crun: executable file `serve` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
            Reason.no_start_command,
            "Set CMD",
        ),
        (
            'runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH',
            Reason.no_start_command,
            "Set CMD",
        ),
        (
            'runc create failed: unable to start container process: exec: "/run.sh": permission denied',
            Reason.no_start_command,
            "chmod=+x",
        ),
        ("crun: open executable: Permission denied: OCI permission denied", Reason.no_start_command, "chmod=+x"),
        ("netavark: address in use", Reason.worker_error, "Podman refused"),
    ],
)
def test_a_start_command_that_is_not_there_or_may_not_run_is_the_apps_own_and_not_the_workers(
    message: str, reason: Reason, said: str
) -> None:
    found = refused_start(message)
    assert found.reason is reason
    assert said in found.detail
