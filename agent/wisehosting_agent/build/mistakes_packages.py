"""Mistakes around dependencies: lock files, versions, registries, what must be compiled. Data.

More special ones stand first.
"""

from wisehosting_agent.build.mistake import Mistake

_NPM = r"npm (?:error|ERR!) "

LOCKS = (
    Mistake(
        r"`npm ci` can only install packages when your package\.json and package-lock\.json",
        "package-lock.json does not match package.json",
        "Run `npm install`, commit package-lock.json and push.",
    ),
    Mistake(
        r"`npm ci` command can only install with an existing package-lock\.json",
        "npm ci needs package-lock.json, which is not there",
        "Run `npm install`, commit package-lock.json and push; see also that .containerignore does not exclude it.",
    ),
    Mistake(
        r"ERR_PNPM_(?:OUTDATED_LOCKFILE|LOCKFILE_CONFIG_MISMATCH|LOCKFILE_BREAKING_CHANGE)",
        "pnpm-lock.yaml does not match package.json",
        "Run `pnpm install`, commit pnpm-lock.yaml and push.",
    ),
    Mistake(
        r"ERR_PNPM_NO_LOCKFILE",
        "pnpm needs pnpm-lock.yaml, which is not there",
        "Run `pnpm install`, commit pnpm-lock.yaml and push.",
    ),
    Mistake(
        r"lockfile needs to be updated, but yarn was run with|YN0028: .*lockfile would have been (?:modified|created)",
        "yarn.lock does not match package.json",
        "Run `yarn install`, commit yarn.lock and push.",
    ),
    Mistake(
        r"lockfile had changes, but lockfile is frozen",
        "bun's lock file does not match package.json",
        "Run `bun install`, commit the lock file and push.",
    ),
    Mistake(
        r"pyproject\.toml changed significantly since poetry\.lock was last generated|poetry\.lock is not up to date with",
        "poetry.lock does not match pyproject.toml",
        "Run `poetry lock`, commit poetry.lock and push.",
    ),
    Mistake(
        r"lockfile at `uv\.lock` needs to be updated|Unable to find lockfile at `uv\.lock`",
        "uv.lock is missing or does not match pyproject.toml",
        "Run `uv lock`, commit uv.lock and push.",
    ),
    Mistake(
        r"Your Pipfile\.lock\s+\(\w+\)\s+is\s+out\s+of\s+date|Pipfile\.lock not found|Pipfile\.lock is out of date",
        "Pipfile.lock does not match Pipfile",
        "Run `pipenv lock`, commit Pipfile.lock and push.",
    ),
    Mistake(
        r"Your bundle only supports platforms .*your local platform is (?P<platform>[\w.-]+)",
        "Gemfile.lock was made for another platform",
        "Run `bundle lock --add-platform {platform}`, commit Gemfile.lock and push.",
    ),
    Mistake(
        r"lockfile can't be updated because frozen mode is set|Your lockfile does not satisfy dependencies"
        r"|have changed, but the lockfile|You are trying to install in deployment mode after changing",
        "Gemfile.lock does not match Gemfile",
        "Run `bundle install`, commit Gemfile.lock and push.",
    ),
    Mistake(
        r"Your lock file does not contain a compatible set of packages|is not present in the lock file",
        "composer.lock does not match composer.json or this PHP",
        "Run `composer update`, commit composer.lock and push; a missing PHP extension is named in the log above.",
        unless=r"requires ext-\w+ ",
    ),
    Mistake(
        r"lock file .*Cargo\.lock needs to be updated but --locked|cannot update the lock file .*because --(?:locked|frozen)",
        "Cargo.lock does not match Cargo.toml",
        "Run `cargo update --workspace`, commit Cargo.lock and push.",
    ),
    Mistake(
        r"missing go\.sum entry|go: updates to go\.(?:mod|sum) needed",
        "go.sum lacks a module",
        "Run `go mod tidy`, commit go.mod and go.sum and push.",
    ),
    Mistake(
        r"inconsistent vendoring",
        "The folder vendor does not match go.mod",
        "Run `go mod vendor`, commit the folder vendor and push.",
    ),
    Mistake(
        r"The lockfile is out of date\. Run `deno",
        "deno.lock does not match the imports",
        "Run `deno install`, commit deno.lock and push.",
    ),
)

VERSIONS = (
    Mistake(
        r"requires a different Python: (?P<taken>[\d.]+) not in '(?P<asked>[^'\n]+)'",
        "The project asks for Python {asked}, and the build has {taken}",
        "Write the version to .python-version or correct requires-python; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"Python version \(?(?P<taken>[\d.]+)\)? is not (?:supported|allowed) by the project \((?P<asked>[^)\n]+)\)",
        "The project asks for Python {asked}, and the build has {taken}",
        "Write the version to .python-version or correct requires-python; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"resolved to Python (?P<taken>[\d.]+), which is incompatible with the project's Python requirement:? `?(?P<asked>[^`\n]+)`?"
        r"|current Python version \((?P<now>[\d.]+)\) does not satisfy Python(?P<wanted>[<>=!~\d.,]+)"
        r"|error: No interpreter found for Python ",
        "This Python is not the one that the project or a package asks for",
        "Write a version that fits to .python-version or correct requires-python; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"No module named '?distutils",
        "A package needs distutils, which Python 3.12 and newer no longer have",
        "Raise that package to a newer version, or write 3.11 to .python-version, and push.",
    ),
    Mistake(
        r"No module named '?pkg_resources",
        "A package needs pkg_resources, a part of older setuptools",
        "Add `setuptools<81` to the requirements and push; better, raise the package that needs it.",
    ),
    Mistake(
        r'The engine "node" is incompatible with this module\. Expected version "(?P<asked>[^"\n]+)"\. Got "(?P<taken>[^"\n]+)"',
        "A package asks for Node {asked}, and the build has {taken}",
        "Set engines.node in package.json, or .nvmrc, to a version that fits; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        _NPM + r"code EBADENGINE|ERR_PNPM_UNSUPPORTED_ENGINE"
        r"|You are using Node\.js \S+\. For Next\.js, Node\.js version|Vite requires Node\.js version"
        r"|crypto\.hash is not a function|The Angular CLI requires a minimum Node\.js version",
        "This version of Node is not one that the project or a package runs on",
        "Set engines.node in package.json, or .nvmrc, to a version that fits; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"ERR_OSSL_EVP_UNSUPPORTED|error:0308010C:digital envelope routines::unsupported",
        "An old webpack does not run on this version of Node",
        "Raise webpack or react-scripts to version 5; until then set the build variable NODE_OPTIONS=--openssl-legacy-provider.",
    ),
    Mistake(
        r"go\.mod requires go >= (?P<asked>[\d.]+) \(running go (?P<taken>[\d.]+)",
        "go.mod asks for Go {asked}, and the build has {taken}",
        "Lower the version in go.mod, or choose a base image with a newer Go, and push.",
    ),
    Mistake(
        r"rustc (?P<taken>[\d.]+) is not supported by the following package|feature `edition2024` is required",
        "A crate needs a newer Rust than the build has",
        "Name a newer one in rust-toolchain.toml, or pin the crate to an older version in Cargo.lock, and push.",
    ),
    Mistake(
        r"Your Ruby version is (?P<taken>[\d.]+), but your Gemfile specified (?P<asked>[^\n]{1,40})",
        "The Gemfile asks for Ruby {asked}, and the build has {taken}",
        "Correct the version in Gemfile and .ruby-version; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"requires ext-(?P<extension>\w+) ",
        "PHP has no extension {extension} here, which a package requires",
        "Add `ext-{extension}` to require in composer.json; with a Containerfile, install `php-{extension}` above this step.",
    ),
    Mistake(
        r"requires php (?P<asked>\S+) -> your php version \((?P<taken>[\d.]+)",
        "A package asks for PHP {asked}, and the build has {taken}",
        "Correct require.php in composer.json, run `composer update` and push; with a Containerfile, choose another FROM.",
    ),
    Mistake(
        r"release version (?P<asked>\d+) not supported|invalid target release: ([\d.]+)"
        r"|Unsupported class file major version|compiled by a more recent version of the Java Runtime",
        "The project asks for a newer Java than the build has",
        "Lower the release in pom.xml or build.gradle, or choose a base image with a newer JDK, and push.",
    ),
)

REGISTRIES = (
    Mistake(
        _NPM + r"code E(?:401|403)|ERR_PNPM_FETCH_40[13]|YN0041|HTTP Error 40[13]|40[13] Client Error"
        r"|Authentication is required for |Could not authenticate against|status code 40[13] ",
        "A package registry refused the build: it wants a token",
        "Set the token as a build variable, `wh variables set PROJECT NAME=- --build`, and read it in the step's .npmrc or pip.conf.",
    ),
    Mistake(
        _NPM
        + r"404  ?(?:The requested resource )?'(?P<package>@[^'\n]+?)(?:@[^'@\n]*)?' (?:is not in this registry|could not be found)",
        "The registry does not have {package}: a private package without its token, or a name misspelt",
        "Set its token as a build variable, `wh variables set PROJECT NAME=- --build`, and its registry in .npmrc; or correct the name.",
    ),
    Mistake(
        _NPM
        + r"404  ?(?:The requested resource )?'(?P<package>[^'@\n]+)(?:@[^'\n]*)?' (?:is not in this registry|could not be found)"
        r"|ERR_PNPM_FETCH_404",
        "A package is not in the registry",
        "Correct its name and version in package.json; a private one needs its registry in .npmrc and a token.",
    ),
    Mistake(
        _NPM + r"code ETARGET|ERR_PNPM_NO_MATCHING_VERSION|Couldn't find any versions for",
        "A version that package.json asks for does not exist",
        "Correct it, run the package manager's install, commit package.json with the lock file and push.",
    ),
    Mistake(
        r"could not read (?:Username|Password) for '?(?P<host>https?://[^'\s:]+)|Permission denied \(publickey\)"
        r"|Host key verification failed|Please make sure you have the correct access rights",
        "A dependency is taken from a private Git repository, which the build cannot read",
        "Publish it as a package, or put a read token from a build variable into its https address.",
    ),
    Mistake(
        r"error: externally-managed-environment",
        "pip does not install into Debian's own Python",
        "Make an environment first: `RUN python3 -m venv /venv` and then `/venv/bin/pip install …`.",
    ),
    Mistake(
        _NPM + r"code ERESOLVE|ERESOLVE unable to resolve dependency tree|ERR_PNPM_PEER_DEP_ISSUES",
        "Two packages want different versions of the same peer",
        "Raise or pin the packages named above until `npm install` works here; `legacy-peer-deps=true` in .npmrc lets it pass.",
    ),
    Mistake(
        r"ResolutionImpossible|these package versions have conflicting dependencies|No solution found when resolving dependencies",
        "The requirements contradict each other",
        "Loosen or raise one of the versions named above, install once here, then push.",
    ),
    Mistake(
        r"No matching distribution found for (?P<package>[^\s;]+)",
        "There is no {package} for this Python",
        "Check name and version; if it exists only for another Python, write that one to .python-version.",
        unless=r"name resolution|CERTIFICATE_VERIFY_FAILED|Connection (?:refused|timed out)",
    ),
)

NATIVE = (
    Mistake(
        r"pg_config executable not found|^Error: pg_config",
        "psycopg2 is compiled and needs PostgreSQL's headers",
        "{install}; or use `psycopg2-binary`, which needs none.",
        apt=("libpq-dev", "build-essential"),
    ),
    Mistake(
        r"mysql_config: not found|mysql_config not found|Can not find valid pkg-config name|mysql/mysql\.h: No such file",
        "mysqlclient is compiled and needs MySQL's headers",
        "{install}.",
        apt=("default-libmysqlclient-dev", "build-essential", "pkg-config"),
    ),
    Mistake(
        r"fatal error: Python\.h: No such file",
        "A Python package is compiled and Python's headers are missing",
        "{install}.",
        apt=("python3-dev", "build-essential"),
    ),
    Mistake(
        r"gyp ERR! find Python|Could not find any Python installation to use",
        "A Node package is compiled by node-gyp, which needs Python and a compiler",
        "{install}.",
        apt=("python3", "build-essential"),
    ),
    Mistake(
        r"gyp ERR! stack Error: not found: make|^make: (?:g\+\+|cc|gcc|c\+\+): (?:No such file|not found)",
        "A Node package is compiled by node-gyp and there is no compiler",
        "{install}.",
        apt=("build-essential",),
    ),
    Mistake(
        r"failed to run custom build command for `openssl-sys|Could not find directory of OpenSSL",
        "A crate is compiled and needs OpenSSL's headers",
        "{install}; or use rustls.",
        apt=("libssl-dev", "pkg-config"),
    ),
    Mistake(
        r"command '?(?:cc|gcc|g\+\+|c\+\+|\S*-linux-gnu-g(?:cc|\+\+))'? failed: No such file|linker `cc` not found"
        r"|C compiler \"(?:gcc|cc)\" not found|exec: \"(?:gcc|cc)\": executable file not found"
        r"|No CMAKE_C(?:XX)?_COMPILER could be found|unable to execute '[\w-]*g?cc'"
        r"|: (?:gcc|cc|g\+\+|c\+\+|make): (?:command )?not found",
        "Something is compiled and there is no compiler",
        "{install}.",
        apt=("build-essential",),
    ),
    Mistake(
        r"The headers or library files could not be found for (?:jpeg|zlib)",
        "Pillow is compiled and lacks the headers of jpeg and zlib",
        "{install}; a newer Pillow comes ready for this Python.",
        apt=("libjpeg-dev", "zlib1g-dev", "build-essential"),
    ),
    Mistake(
        r"fatal error: (curl/curl|ffi|gmp|lber|ldap|libpq-fe|libxml/xmlversion|sasl/sasl|sqlite3|yaml|zlib)\.h: No such",
        "Something is compiled and {first}.h is missing",
        "{install}.",
    ),
    Mistake(
        r"fatal error: (openssl|cairo)(?:/\w+)?\.h: No such file",
        "Something is compiled and the headers of {first} are missing",
        "{install}.",
    ),
    Mistake(
        r"(gdal-config|xslt-config|protoc): (?:command )?not found",
        "The program {first} of a system library is missing",
        "{install}.",
    ),
    Mistake(r"Could not find `protoc`", "protoc is missing", "{install}.", apt=("protobuf-compiler",)),
    Mistake(
        r"[Pp]ackage '?(cairo|pango|libxml2|libffi|vips-cpp|icu-i18n|xmlsec1|openssl)[\w.-]*'?,? "
        r"(?:required by '[^'\n]*', |was )?not found",
        "Something is compiled and pkg-config does not find {first}",
        "{install}.",
    ),
    Mistake(
        r'Dependency "cairo" not found',
        "pycairo is compiled and needs cairo's headers",
        "{install}.",
        apt=("libcairo2-dev",),
    ),
    Mistake(r"Unable to find libclang", "A crate needs libclang to be compiled", "{install}.", apt=("libclang-dev",)),
    Mistake(
        r"(libGL\.so\.1|libglib-2\.0\.so\.0|libpq\.so\.5): cannot open shared object file",
        "The library {first} is missing",
        "{install}.",
    ),
    Mistake(
        r"(?P<library>lib[\w.+-]+\.so(?:\.\d+)*): cannot open shared object file",
        "The library {library} is missing",
        "Install the Debian package that holds it, as an apt package, and push.",
    ),
    Mistake(
        r"fatal error: (?P<header>[\w./+-]+\.h): No such file",
        "Something is compiled and the header {header} is missing",
        "Install the Debian package that holds it, mostly called lib…-dev, as an apt package, and push.",
    ),
)

PACKAGES = (*LOCKS, *VERSIONS, *REGISTRIES, *NATIVE)
