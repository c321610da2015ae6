"""Trees of Go, PHP, Ruby, Java and Rust that say odd things: versions, platforms, several programs, builds of their own."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
SINATRA = "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n\n"
SERVES = "starts with bundle exec puma -b tcp://0.0.0.0:8080"
RUBY = [f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"]
INSTALL = "bundle install --jobs 4 --retry 3"

CASES = {
    "a Gemfile with a range that the base satisfies": Case(
        files={"Gemfile": "ruby '>= 3.1', '< 3.5'\ngem 'sinatra'\n", "Gemfile.lock": SINATRA, "config.ru": ""},
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
    ),
    "a Gemfile that reads its version from a file": Case(
        files={
            "Gemfile": "ruby file: '.ruby-version'\ngem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "RUBY VERSION\n   ruby 3.3.1p55\n",
            ".ruby-version": "3.3.1\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
        notes=["The Gemfile's line `ruby file: '.ruby-version'` is left out of the image: Bundler would refuse"],
    ),
    "a lock file with a version and a Gemfile without": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "RUBY VERSION\n   ruby 3.1.4p9\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.1, Bundler, Sinatra, {SERVES}",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        notes=["The Ruby version in Gemfile.lock is left out of the image"],
    ),
    "a version of the settings before that of the files": Case(
        files={"Gemfile": "ruby '3.3.1'\ngem 'sinatra'\n", "Gemfile.lock": SINATRA, "config.ru": ""},
        asked=BuildSettings(version="3.1"),
        summary=f"Ruby 3.1, Bundler, Sinatra, {SERVES}",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        notes=['Write `ruby "~> 3.1.0"` to keep the line.'],
    ),
    "a lock file of another system": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": SINATRA + "PLATFORMS\n  arm64-darwin-23\n  x64-mingw-ucrt\n\nDEPENDENCIES\n  sinatra\n",
            "config.ru": "",
        },
        summary=f"Ruby 3.3, Bundler, Sinatra, {SERVES}",
        images=RUBY,
        install=INSTALL,
        notes=[
            "Gemfile.lock was made for arm64-darwin-23 and x64-mingw-ucrt alone: gems of Linux are chosen anew at each build. Run `bundle lock --add-platform x86_64-linux` and commit it."
        ],
    ),
    "libraries as Debian 12 names them": Case(
        files={
            "Gemfile": "gem 'rmagick'\ngem 'charlock_holmes'\n",
            "Gemfile.lock": "",
            ".ruby-version": "3.1",
            "app.rb": "",
        },
        summary="Ruby 3.1, Bundler, starts with bundle exec ruby app.rb",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install=INSTALL,
        packages=["libicu72", "libmagickwand-6.q16-6"],
    ),
}
