"""Build variables in the Containerfile of a plan."""

from wisehosting_stacks import Tree, detect
from wisehosting_stacks.build_variables import given

TEXT = """FROM one AS build
RUN make
USER 1000:1000
RUN --mount=type=cache,target=/c make
FROM two
RUN make
USER 33
RUN make
USER 0:0
RUN make
USER app
RUN make
"""


def test_a_variable_is_read_by_the_user_that_runs_the_line() -> None:
    # Podman gives a secret to root alone unless it is told otherwise, and a shell goes on with an empty value.
    rows = given(TEXT, ["KEY"]).splitlines()
    assert [row.partition(" export ")[0] for row in rows if row.startswith("RUN")] == [
        "RUN --mount=type=secret,id=KEY",
        "RUN --mount=type=cache,target=/c --mount=type=secret,id=KEY,uid=1000",
        "RUN --mount=type=secret,id=KEY",
        "RUN --mount=type=secret,id=KEY,uid=33",
        "RUN --mount=type=secret,id=KEY",
        "RUN --mount=type=secret,id=KEY,mode=0444",
    ]


def test_static_files_of_django_are_collected_with_the_variables_of_the_build() -> None:
    manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')"
    files = {"manage.py": manage, "shop/settings.py": "STATIC_ROOT = 'x'\n", "shop/wsgi.py": ""}
    text = given(detect(Tree.of({"requirements.txt": "django\n", **files})).containerfile, ["SECRET_KEY"])
    assert "RUN --mount=type=secret,id=SECRET_KEY,uid=1000 export SECRET_KEY=" in text.splitlines()[-1]
