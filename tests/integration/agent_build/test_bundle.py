"""A network's own CA: steps of a build trust it, and nothing of it is in the image."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildrig import FROM, TEAM, Rig, running
from gitserver import GitServer
from podmachine import scratch

from wisehosting_agent.build import command
from wisehosting_agent.build.image import BUNDLE

pytestmark = pytest.mark.anyio
CANARY = "# the network's own: canary-4f1c"
TEXT = f"""\
{FROM}RUN grep -q canary-4f1c $SSL_CERT_FILE
{FROM.strip()} AS last
RUN grep -q canary-4f1c $PIP_CERT && grep -q canary-4f1c $REQUESTS_CA_BUNDLE && grep -q canary-4f1c $NODE_EXTRA_CA_CERTS && date > /built
CMD ["env"]
"""


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with scratch("wh-test-bundle-") as folder:
        bundle = folder / "bundle.crt"
        bundle.write_text(f"{Path('/etc/ssl/certs/ca-certificates.crt').read_text()}{CANARY}\n")
        with running(folder, 55, build_ca_bundle=bundle) as rig:
            yield rig


async def test_steps_trust_the_bundle_and_the_image_holds_neither_it_nor_its_name(rig: Rig, tmp_path: Path) -> None:
    with GitServer(tmp_path) as server:
        built = await rig.build(server.repository("app", {"Containerfile": TEXT}))
    argv, environment = rig.host.build_argv(TEAM), rig.host.build_env(TEAM)
    (about,) = json.loads(await command.check([*argv, "inspect", built.image.image], "look", environment=environment))
    assert not [name for name in ("CERT", "CA_BUNDLE") if name in json.dumps(about["Config"])]
    mounted = await command.check([*argv, "image", "mount", built.image.image], "mount", environment=environment)
    root = Path(mounted.strip())
    try:
        assert (root / "built").exists()
        assert b"canary-4f1c" not in (root / BUNDLE.lstrip("/")).read_bytes()
    finally:
        await command.check([*argv, "image", "unmount", built.image.image], "let go", environment=environment)
