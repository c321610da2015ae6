"""Python."""

import pytest
from stackcases import holds
from trees.python_apps import CASES as APPS
from trees.python_tools import CASES as TOOLS
from trees.python_tools import REFUSED
from trees.python_ways import CASES as WAYS

from wisehosting_stacks import BuildSettings, NotDetected, Tree, detect
from wisehosting_stacks.python import MAY_FAIL

CASES = APPS | TOOLS | WAYS


@pytest.mark.parametrize("name", CASES)
def test_a_project_is_planned_from_its_files(name: str) -> None:
    holds(CASES[name])


def test_a_program_without_dependencies_is_one_stage() -> None:
    assert holds(CASES["a plain program"]).containerfile == (
        "FROM localhost/wisehosting/python:3.13\n"
        "WORKDIR /app\n"
        "ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONPATH=/app:/app/src\n"
        "USER 1000:1000\n"
        "EXPOSE 8080\n"
        'CMD ["python", "main.py"]\n'
        "COPY . /app/\n"
    )


def test_a_change_of_a_source_touches_neither_the_stage_that_installs_nor_its_layer() -> None:
    text = holds(CASES["a program with requirements"]).containerfile
    build, run = text.split("\nFROM ")
    assert [line for line in build.splitlines() if line.startswith("COPY")] == [
        'COPY ["requirements.txt", "more.txt", "./"]'
    ]
    assert [line for line in run.splitlines() if line.startswith(("COPY", "RUN"))] == [
        "COPY --from=build /opt/venv/ /opt/venv/",
        "COPY . /app/",
    ]


def test_lists_in_folders_are_copied_to_their_folders() -> None:
    files = {"requirements.txt": "-r requirements/base.txt\n", "requirements/base.txt": "flask\n", "main.py": ""}
    text = detect(Tree.of(files)).containerfile
    assert 'COPY ["requirements.txt", "./"]\nCOPY ["requirements/base.txt", "requirements/"]\n' in text


@pytest.mark.parametrize(
    ("name", "copies"),
    [
        (
            "lists that name lists by ways with dots",
            ['COPY ["requirements.txt", "base.txt", "./"]', 'COPY ["requirements/prod.txt", "requirements/"]'],
        ),
        ("a constraint is no dependency", ['COPY ["requirements.txt", "pins.txt", "./"]']),
        ("a folder that is a requirement", ["COPY . ."]),
        ("wheels in the repository", ["COPY . ."]),
        ("dependencies that setuptools reads from a list", ["COPY . ."]),
    ],
)
def test_what_an_install_reads_is_there_before_it(name: str, copies: list[str]) -> None:
    build, _ = holds(CASES[name]).containerfile.split("\nFROM ")
    assert [line for line in build.splitlines() if line.startswith("COPY")] == copies


def test_settings_of_uv_are_there_when_it_installs() -> None:
    files = {"pyproject.toml": '[project]\nname = "a"\n', "uv.lock": "", "uv.toml": "", "main.py": ""}
    assert 'COPY ["pyproject.toml", "uv.lock", "uv.toml", "./"]\n' in detect(Tree.of(files)).containerfile


def test_static_files_of_django_are_collected_where_it_runs() -> None:
    plan = holds(CASES["django"])
    assert plan.containerfile.splitlines()[-2:] == [
        "# What this collects is missing when it fails, and the app still starts: variables of the environment are not here.",
        f"RUN python manage.py collectstatic --no-input || echo '{MAY_FAIL}'",
    ]


def test_a_project_in_a_folder_starts_there() -> None:
    assert "\nWORKDIR /app/backend\n" in holds(CASES["django in a folder"]).containerfile


@pytest.mark.parametrize("name", REFUSED)
def test_a_project_in_which_one_thing_is_missing_is_told_which(name: str) -> None:
    files, sentence = REFUSED[name]
    with pytest.raises(NotDetected) as refused:
        detect(Tree.of(files), _asked(name))
    assert str(refused.value) == sentence


def _asked(name: str) -> BuildSettings:
    return BuildSettings(packages=("a b",)) if name == "packages with odd names" else BuildSettings()
