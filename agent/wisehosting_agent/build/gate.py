"""The door every build step goes through: a tiny OCI runtime in front of the real one.

It refuses a step that would run as the host's root, gives `/` to the step's root (Podman's storage leaves it to the
host's, so that `mkdir /app` fails), and brings the operator's CA bundle for the step only: no image keeps it.
"""

import shutil
import sys
from pathlib import Path

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.runtime.host import write_changed

_PROGRAM = '''\
#!{python} -IS
"""Written by the WiseHosting agent at each start: see wisehosting_agent/build/gate.py."""
import json
import os
import sys

RUNTIME = {runtime!r}
BUNDLE = {bundle!r}
INSIDE = "/dev/wisehosting-ca.crt"
USUAL = "/etc/ssl/certs/ca-certificates.crt"
NAMES = (
    "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
)


def prepare(folder):
    path = os.path.join(folder, "config.json")
    with open(path) as file:
        config = json.load(file)
    root = os.path.join(folder, config["root"]["path"])
    maps = config.get("linux", {{}}).get("uidMappings") or []
    if not maps or any(one["hostID"] < 65536 for one in maps):
        sys.exit("wisehosting: this step would run as the host's root, so it does not run")
    owner = next(one["hostID"] for one in maps if one["containerID"] == 0)
    os.chown(root, owner, owner)
    os.chmod(root, 0o755)
    if not BUNDLE:
        return
    bind = {{"type": "bind", "source": BUNDLE, "options": ["bind", "ro", "nosuid", "nodev", "noexec"]}}
    config["mounts"].append(dict(bind, destination=INSIDE))
    usual = root + USUAL
    if os.path.isfile(usual) and os.path.realpath(usual) == os.path.realpath(root) + USUAL:
        config["mounts"].append(dict(bind, destination=USUAL))
    given = {{one.partition("=")[0] for one in config["process"]["env"]}}
    config["process"]["env"] += [name + "=" + INSIDE for name in NAMES if name not in given]
    with open(path, "w") as file:
        json.dump(config, file)


arguments = sys.argv[1:]
if "create" in arguments or "run" in arguments:
    for flag, value in zip(arguments, arguments[1:]):
        if flag in ("--bundle", "-b"):
            prepare(value)
os.execv(RUNTIME, [RUNTIME, *arguments])
'''


def write_gate(folder: Path, *, runtime: str | None, ca_bundle: Path | None) -> Path:
    """Write the program and return its path. A second run changes nothing. Raises ConfigurationError."""
    real = next(
        (found for name in ((runtime,) if runtime else ("crun", "runc")) if (found := shutil.which(name))), None
    )
    if real is None:
        raise ConfigurationError(f"The OCI runtime {runtime or 'crun'} is not installed. Run: apt-get install crun")
    if ca_bundle is not None and not ca_bundle.is_file():
        raise ConfigurationError(
            f"The CA bundle {ca_bundle} does not exist. Correct WISEHOSTING_AGENT_BUILD_CA_BUNDLE."
        )
    bundle = str(ca_bundle.resolve()) if ca_bundle is not None else ""
    path = folder / "build-runtime"
    try:
        write_changed(path, _PROGRAM.format(python=sys.executable, runtime=real, bundle=bundle))
        path.chmod(0o700)
    except OSError as exc:
        raise ConfigurationError(f"Cannot write {path}: {exc}. Run the agent as root.") from exc
    return path
