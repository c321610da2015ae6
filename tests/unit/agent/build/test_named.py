"""Images that an operator names in place of base images: which names and addresses there are, and the user they get."""

import io
import tarfile
from pathlib import Path

import pytest
from pydantic import ValidationError

from wisehosting_agent.build.named import GROUP, USER, home_and, with_own
from wisehosting_agent.settings import Settings


def settings(images: dict[str, str]) -> Settings:
    return Settings(name="builder", state_dir=Path("/nowhere"), control_plane="https://127.0.0.1:1", base_images=images)


@pytest.mark.parametrize(
    "address",
    [
        "docker.io/library/python:3.12-slim",
        "registry.example.com:5000/team/python@sha256:" + "0" * 64,
        "localhost:5000/python:3.12",
        "oci-archive:/srv/images/python.tar",
        "docker-archive:/srv/images/python.tar",
    ],
)
def test_an_address_says_where_an_image_is(address: str) -> None:
    assert settings({"python:3.12": address}).base_images == {"python:3.12": address}


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("python:3.12", "python:3.12"),
        ("python:3.12", "library/python:3.12"),
        ("python:3.12", "--authfile=/etc/shadow"),
        ("python:3.12", "dir:/etc/x"),
        ("python:3.12", "docker.io/library/python:3.12 --tls-verify=false"),
        ("python", "docker.io/library/python:3.12"),
        ("../python:3.12", "docker.io/library/python:3.12"),
    ],
)
def test_what_is_no_name_or_no_address_is_refused_with_an_example(name: str, address: str) -> None:
    with pytest.raises(ValidationError, match="such as"):
        settings({name: address})


def test_our_user_is_the_first_of_its_id_and_the_only_one_of_its_name() -> None:
    text = "root:x:0:0:root:/root:/bin/sh\napp:x:77:77::/:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"
    assert with_own(text, USER).splitlines() == [
        "app:x:1000:1000::/app:/bin/sh",
        "root:x:0:0:root:/root:/bin/sh",
        "node:x:1000:1000::/home/node:/bin/sh",
    ]
    assert with_own("", GROUP) == "app:x:1000:\n"


def test_the_home_is_the_users_and_the_accounts_are_roots() -> None:
    with tarfile.open(fileobj=io.BytesIO(home_and({"etc/passwd": "a\n"}))) as tar:
        assert [(one.name, one.uid, one.gid, oct(one.mode), one.isdir()) for one in tar] == [
            ("app", 1000, 1000, "0o755", True),
            ("etc/passwd", 0, 0, "0o644", False),
        ]
