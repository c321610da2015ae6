"""What an app's last lines say about why it could not start."""

import pytest

from wisehosting_agent.diagnosis import capabilities_needed

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
