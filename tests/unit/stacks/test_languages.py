"""Go, PHP, Ruby, Rust and Java."""

import pytest
from stackcases import holds
from trees.go_php_rust import CASES as FIRST
from trees.ruby_java import CASES as SECOND
from trees.ruby_java import REFUSED

from wisehosting_stacks import NotDetected, Tree, detect

CASES = FIRST | SECOND


@pytest.mark.parametrize("name", CASES)
def test_a_project_is_planned_from_its_files(name: str) -> None:
    holds(CASES[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_project_in_which_one_thing_is_missing_is_told_which(name: str) -> None:
    files, sentence = REFUSED[name]
    with pytest.raises(NotDetected) as refused:
        detect(Tree.of(files))
    assert str(refused.value) == sentence


def test_a_go_program_ends_alone_beside_the_folders_it_reads() -> None:
    text = holds(CASES["go vendored"]).containerfile
    assert "-o bin/shop . && mkdir /out && cp -R bin templates /out/" in text
    assert text.splitlines()[-1] == "COPY --from=build /out/ ./"


def test_pages_of_php_have_a_server_that_writes_nowhere_but_tmp() -> None:
    plan = holds(CASES["laravel"])
    site = plan.files["apache.conf"]
    assert "DocumentRoot /app/public" in site
    assert "FallbackResource /index.php" in site
    assert "ErrorLog |/bin/cat" in site
    assert "SetEnv LARAVEL_STORAGE_PATH /tmp/storage" in site


def test_what_is_no_page_is_kept_from_visitors_of_a_project_that_is_served_whole() -> None:
    site = holds(CASES["php alone"]).files["apache.conf"]
    assert 'FilesMatch "^(composer' in site


def test_gems_and_sources_are_layers_of_their_own() -> None:
    lines = holds(CASES["sinatra by rack"]).containerfile.splitlines()
    assert lines[-2:] == ["COPY --from=build /opt/bundle/ /opt/bundle/", "COPY . /app/"]


def test_the_archive_of_java_that_holds_all_is_what_starts() -> None:
    text = holds(CASES["spring boot with maven"]).containerfile
    assert (
        "RUN --mount=type=cache,target=/root/.m2 mvn --batch-mode --no-transfer-progress -DskipTests package && mkdir -p /out"
        in text
    )
    assert "ENV SERVER_PORT=8080 " in text
