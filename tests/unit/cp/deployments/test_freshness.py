"""When an app should be built again because of its base images."""

from wisehosting_cp.deployments.freshness import outdated, sentence

PYTHON = "localhost/wisehosting/python:3.13"
BUILD = "localhost/wisehosting/python-build:3.13"


def base(name: str, image: str, status: str = "ready") -> dict[str, str]:
    return {"name": name, "image": image, "status": status}


def test_only_a_base_that_is_ready_and_another_one_is_newer() -> None:
    built_on = {PYTHON: "a", BUILD: "b"}
    assert outdated(built_on, [base(PYTHON, "a"), base(BUILD, "b")]) == []
    assert outdated(built_on, [base(PYTHON, "c"), base(BUILD, "b")]) == [PYTHON]
    assert outdated(built_on, [base(PYTHON, "", "building"), base(BUILD, "b")]) == []
    assert outdated(built_on, []) == []
    assert outdated({}, [base(PYTHON, "c")]) == []


def test_the_sentence_names_them_shortly() -> None:
    assert (
        sentence([PYTHON])
        == "python:3.13 was made anew with newer packages since this was built. Deploy to build on it."
    )
    assert sentence([BUILD, PYTHON]).startswith("python-build:3.13 and python:3.13 were made anew")
