"""Go, PHP, Ruby, Rust and Java."""

import pytest
from stackcases import holds
from trees.go_php_rust import CASES as FIRST
from trees.go_php_rust import OURS
from trees.java_modules import CASES as FOURTH
from trees.java_modules import REFUSED as MORE_REFUSED
from trees.odd_languages import CASES as THIRD
from trees.ruby_java import CASES as SECOND
from trees.ruby_java import REFUSED

from wisehosting_stacks import NotDetected, Tree, detect

CASES = FIRST | SECOND | THIRD | FOURTH


@pytest.mark.parametrize("name", CASES)
def test_a_project_is_planned_from_its_files(name: str) -> None:
    holds(CASES[name])


@pytest.mark.parametrize("name", REFUSED | MORE_REFUSED)
def test_a_project_in_which_one_thing_is_missing_is_told_which(name: str) -> None:
    files, sentence = (REFUSED | MORE_REFUSED)[name]
    with pytest.raises(NotDetected) as refused:
        detect(Tree.of(files))
    assert str(refused.value) == sentence


def test_a_go_program_ends_alone_beside_the_folders_it_reads() -> None:
    text = holds(CASES["go vendored"]).containerfile
    assert "-o bin/shop . && mkdir /out && cp -R bin templates /out/" in text
    assert text.splitlines()[-1] == "COPY --from=build /out/ ./"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("go with a main file", "/out/"),
        ("go with a build of its own that names one of several programs", "/out/"),
        ("go with a build of its own", "/app/"),
        ("go with a build of its own that says no place", "/app/"),
        ("go that is made by make", "/app/"),
    ],
)
def test_a_go_program_is_taken_from_where_its_build_leaves_it(name: str, kept: str) -> None:
    text = holds(CASES[name]).containerfile
    assert text.splitlines()[-1] == f"COPY --from=build {kept} ./"
    assert ("/out" in text) == (kept == "/out/")


def test_headers_of_a_library_of_c_stay_in_the_stage_that_builds() -> None:
    build, run = holds(CASES["go with a library of C"]).containerfile.split("\nFROM ")
    assert "libvips-dev pkg-config" in build
    assert "-dev" not in run


def test_pages_of_php_have_a_server_that_writes_nowhere_but_tmp() -> None:
    plan = holds(CASES["laravel"])
    site = plan.files["apache.conf"]
    assert "DocumentRoot /app/public" in site
    assert "FallbackResource /index.php" in site
    assert "ErrorLog |/bin/cat" in site
    assert "SetEnv LARAVEL_STORAGE_PATH /tmp/storage" in site


def test_scripts_and_styles_are_built_beside_the_libraries_and_node_stays_behind() -> None:
    text = holds(CASES["laravel with vite and migrations"]).containerfile
    assert text.index(" AS build") < text.index(" AS assets")
    assert (
        "COPY --from=build /app/ ./\nRUN --mount=type=cache,target=/root/.npm npm run build && rm -rf node_modules"
        in text
    )
    assert text.splitlines()[-1] == "COPY --from=assets /app/ ./"


def test_what_goes_before_the_server_in_a_procfile_is_done_before_it_starts() -> None:
    plan = holds(CASES["laravel with vite and migrations"])
    assert plan.start[2].endswith(
        " && php artisan migrate --force && exec apache2 -DFOREGROUND -f /etc/apache2/wisehosting.conf"
    )
    assert "apache.conf" in plan.files


def test_composer_s_scripts_run_once_the_project_s_files_are_there() -> None:
    lines = holds(CASES["symfony with what it does after an install"]).containerfile.splitlines()
    runs = [line for line in lines if line.startswith("RUN")]
    assert runs[0].endswith("--no-scripts --no-autoloader")
    assert runs[2].endswith("APP_ENV=prod APP_DEBUG=0 composer run-script --no-dev --no-interaction post-install-cmd")


def test_what_is_no_page_is_kept_from_visitors_of_a_project_that_is_served_whole() -> None:
    site = holds(CASES["php alone"]).files["apache.conf"]
    assert 'FilesMatch "^(composer' in site


def test_gems_and_sources_are_layers_of_their_own() -> None:
    lines = holds(CASES["sinatra by rack"]).containerfile.splitlines()
    assert lines[-2:] == ["COPY --from=build /opt/bundle/ /opt/bundle/", "COPY . /app/"]


def test_a_version_that_bundler_would_refuse_is_in_neither_stage() -> None:
    files = CASES["a Gemfile that reads its version from a file"].files
    lines = holds(CASES["a Gemfile that reads its version from a file"]).containerfile.splitlines()
    install = next(line for line in lines if "bundle install" in line)
    relax = "sed -i '/^[[:space:]]*ruby[[:space:](]/d' Gemfile && sed -i '/^RUBY VERSION/,+2d' Gemfile.lock && "
    assert install == (
        f"RUN mkdir -p /opt/bundle && {relax}bundle install --jobs 4 --retry 3"
        " && rm -rf /opt/bundle/ruby/*/cache /opt/bundle/ruby/*/bundler/gems/*/.git"
    )
    assert lines[-1] == 'COPY --from=build ["/app/Gemfile", "/app/Gemfile.lock", "/app/"]'
    rails = {**files, "Gemfile.lock": "GEM\n  specs:\n    rails (8)\n    propshaft (1)\n", "bin/rails": ""}
    text = detect(Tree.of(rails)).containerfile
    assert text.count("sed -i '/^[[:space:]]*ruby") == 2, "the sources bring the Gemfile once more"
    assert text.endswith("COPY --from=build /app/ /app/\n")


def test_a_lock_file_that_is_not_of_linux_is_not_frozen() -> None:
    text = holds(CASES["a lock file of another system"]).containerfile
    assert "BUNDLE_FROZEN" not in text
    assert text.index("COPY . .") < text.index("bundle install")
    assert "BUNDLE_FROZEN=true" in holds(CASES["sinatra by rack"]).containerfile


@pytest.mark.parametrize("gemfile", ["gem 'a', path: 'a'", "gem 'a', :path => 'a'", "eval_gemfile 'b'", "path 'a' do"])
def test_gems_that_lie_in_the_project_are_there_when_bundler_looks(gemfile: str) -> None:
    text = detect(Tree.of({"Gemfile": gemfile, "Gemfile.lock": "", "app.rb": ""})).containerfile
    assert text.index("COPY . .") < text.index("bundle install")


def test_node_is_beside_ruby_where_assets_are_built_and_not_in_what_runs() -> None:
    text = holds(CASES["rails with scripts that node builds"]).containerfile
    build, run = text.split(f"\nFROM {OURS}ruby:3.3\n")
    assert "RUN --mount=type=cache,target=/root/.npm npm install --global yarn@1\n" in build
    assert "COPY --from=node /usr/local/ /usr/local/\nCOPY . .\nRUN SECRET_KEY_BASE_DUMMY=1" in build
    assert "bundle exec rails assets:precompile && rm -rf node_modules" in build
    assert "--from=node" not in run


def test_a_program_of_rust_is_copied_from_where_cargo_leaves_it() -> None:
    host = holds(CASES["rust for a machine that Debian does not build for"]).containerfile
    assert "cp target/$(rustc --print host-tuple)/release/shop /out/bin/" in host
    procfile = holds(CASES["rust by a Procfile that names where cargo leaves it"]).containerfile
    assert "mkdir -p /out/target/release && cp target/release/shop /out/target/release/" in procfile


def test_the_archive_of_java_that_holds_all_is_what_starts() -> None:
    text = holds(CASES["spring boot with maven"]).containerfile
    assert (
        "RUN --mount=type=cache,target=/root/.m2 mvn --batch-mode --no-transfer-progress -DskipTests package && mkdir -p /out"
        in text
    )
    assert "ENV JAVA_OPTS=-XX:MaxRAMPercentage=75 SERVER_PORT=8080 " in text


@pytest.mark.parametrize(
    ("name", "collected"),
    [
        ("modules of maven of which one is the program", 'cp "$(ls -S api/target/*.jar api/target/*.war 2>/dev/null'),
        ("modules of gradle of which one is the program", 'cp "$(ls -S services/api/build/libs/*.jar 2>/dev/null'),
        ("an application in a module", 'cp -R "$(ls -d app/build/install/* 2>/dev/null | head -n 1)"/. /out/'),
        (
            "a Procfile that starts the archive where it is built",
            "mkdir -p /out/target && cp -R target/*.?ar /out/target/",
        ),
        ("a Procfile that starts classes", "mkdir -p /out/target && cp -R target/. /out/target/"),
        ("a Procfile that starts what gradle installs", "mkdir -p /out/build/install && cp -R build/install/. "),
    ],
)
def test_what_is_taken_from_a_build_of_java_is_what_starts(name: str, collected: str) -> None:
    assert collected in holds(CASES[name]).containerfile
