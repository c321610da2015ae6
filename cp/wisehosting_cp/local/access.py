"""What opens a running platform: `access.json`, the API token's file, the one-use sign-in link, the tunnel's command."""

import getpass
import json
import socket

from wisehosting_cp.local.numbers import Plan
from wisehosting_cp.local.provider import new_link
from wisehosting_cp.local.state import State, write_private


def write_access(state: State, plan: Plan, token: str) -> str:
    """Write the token's file and `access.json`, both mode 0600; return the sign-in link, good once.

    A second call makes a new link; the one before ends.
    """
    sign_in = f"{plan.issuer}/link/{new_link(state.provider)}"
    write_private(state.api_token, f"{token}\n".encode())
    access = {
        "dashboard": plan.dashboard,
        "api": f"{plan.dashboard}/api/v1",
        "apps_domain": plan.apps_domain,
        "token": str(state.api_token),
        "sign_in": sign_in,
    }
    write_private(state.access, (json.dumps(access, indent=1) + "\n").encode())
    return sign_in


def tunnel(plan: Plan) -> str:
    """The `ssh` line for a browser on another computer: the same numbers there, so that every link works unchanged."""
    ports = (plan.port, plan.provider_port, plan.apps_port)
    forwards = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
    return f"ssh -N {forwards} {getpass.getuser()}@{socket.gethostname()}"
