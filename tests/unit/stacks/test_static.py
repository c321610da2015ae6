"""Static sites."""

import pytest
from stackcases import Case, holds

from wisehosting_stacks import BuildSettings, NotDetected, Tree, detect
from wisehosting_stacks.static import by_name

IMAGE = "localhost/wisehosting/static:1"
SERVES = "served by nginx"
PAGE = "<h1>hello</h1>"

CASES = {
    "an index.html": Case(files={"index.html": PAGE}, summary=f"a static site, {SERVES}", images=[IMAGE]),
    "an index.html below public": Case(
        files={"public/index.html": PAGE, "README.md": ""}, summary=f"a static site, {SERVES}", images=[IMAGE]
    ),
    "a folder that is named": Case(
        files={"site/index.html": PAGE, "index.html": PAGE},
        asked=BuildSettings(output="./site/"),
        summary=f"a static site, {SERVES}",
        images=[IMAGE],
    ),
    "the project's own folder, by name": Case(
        files={"index.html": PAGE, "public/index.html": PAGE},
        asked=BuildSettings(output="."),
        summary=f"a static site, {SERVES}",
        images=[IMAGE],
    ),
    "a single-page app": Case(
        files={"index.html": PAGE},
        asked=BuildSettings(fallback="/index.html", port=3000),
        summary=f"a static site, unknown paths answer /index.html, {SERVES}",
        images=[IMAGE],
        port=3000,
    ),
    "headers": Case(
        files={"index.html": PAGE, "_headers": "/*\n  X-Frame-Options: DENY\n"},
        summary=f"a static site, headers, {SERVES}",
        images=[IMAGE],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_static_site_is_planned_from_its_files(name: str) -> None:
    holds(CASES[name])


def test_the_containerfile_of_a_static_site_can_be_read() -> None:
    plan = holds(CASES["an index.html below public"])
    assert plan.containerfile.splitlines() == [
        "FROM localhost/wisehosting/static:1",
        "COPY .wisehosting/site.conf /etc/nginx/site.conf",
        "USER 1000:1000",
        "EXPOSE 8080",
        'CMD ["nginx", "-c", "/etc/nginx/site.conf"]',
        'COPY ["public", "/srv/"]',
    ]
    assert "listen 8080;" in plan.files["site.conf"]
    assert "try_files $uri $uri/index.html $uri.html =404;" in plan.files["site.conf"]


def test_a_fallback_answers_unknown_paths() -> None:
    plan = holds(CASES["a single-page app"])
    assert "try_files $uri $uri/index.html $uri.html /index.html;" in plan.files["site.conf"]


def test_a_header_s_value_cannot_end_its_string_or_name_a_variable() -> None:
    found = by_name('/a/*\n  X-A: one"; } server { $host\n# no\n  bad line\n/b c\n  X-B: never\n')
    assert found == {"x-a": [("^/a/.*$", 'one\\"; } server { host')]}


def test_a_folder_that_is_not_there_is_no_site() -> None:
    with pytest.raises(NotDetected):
        detect(Tree.of({"index.html": PAGE}), BuildSettings(output="site"))


def test_an_empty_project_is_told_what_to_add() -> None:
    with pytest.raises(NotDetected, match="Add one of them or a Containerfile"):
        detect(Tree.of({"README.md": "hello"}))


def test_a_project_in_a_folder_is_told_where_it_is() -> None:
    with pytest.raises(NotDetected, match=r"but in: backend, frontend\. Set the project's root directory"):
        detect(Tree.of({"backend/go.mod": "", "frontend/package.json": "{}", "frontend/src/index.html": ""}))
