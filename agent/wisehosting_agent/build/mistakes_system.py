"""Mistakes around what a build runs on: memory, disk, network, files that are not there, commands. Data."""

from wisehosting_agent.build.mistake import Mistake

ARCHITECTURE = Mistake(
    r"[Ee]xec format error|cannot execute binary file",
    "A program was made for another processor or system",
    "Build it in this build, or fetch its Linux version for this worker's processor (`uname -m` in a RUN says which).",
)

SYSTEM = (
    Mistake(
        r"mounting (?:new|build) container.*creating overlay mount to",
        "The image has more layers than this worker can stack",
        "Join steps: one RUN with `&&`, one COPY of several files. Some hundred and twenty in a stage are possible.",
    ),
    Mistake(
        r"JavaScript heap out of memory",
        "Node ran out of memory",
        "Set the build variable NODE_OPTIONS=--max-old-space-size=1536, or make the build smaller (no source maps), and push.",
    ),
    Mistake(
        r"Killed signal terminated program|\(signal: 9, SIGKILL|signal: killed$|^Killed$|java\.lang\.OutOfMemoryError"
        r"|process exited too early\. This probably means the system ran out of memory|MemoryError$"
        r"|virtual memory exhausted|Cannot allocate memory",
        "The build ran out of memory",
        "Compile with fewer parallel jobs (make -j1, cargo build -j1) or take a ready-made package, and push.",
    ),
    Mistake(
        r"ENOSPC: no space left on device|No space left on device|disk quota exceeded",
        "The disk of the build was full",
        "Exclude large files in .containerignore, delete caches in the step that makes them, and push.",
    ),
    Mistake(
        r"ECONNREFUSED (?:127\.0\.0\.1|::1):(?:5432|3306|6379|27017)|could not translate host name \"[^\"\n]+\""
        r"|connection to server at .{1,80} failed|Can't connect to (?:local )?(?:MySQL )?server|P1001: Can't reach database",
        "The build asks for a database, which builds do not have",
        "Run migrations and queries when the app starts, not when it is built, and push.",
    ),
    Mistake(
        r"SELF_SIGNED_CERT_IN_CHAIN|self[- ]signed certificate|unable to get local issuer certificate"
        r"|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|CERTIFICATE_VERIFY_FAILED|x509: certificate signed by unknown authority"
        r"|server certificate verification failed|invalid peer certificate: UnknownIssuer",
        "The network's own certificate authority is not trusted inside the build",
        "Ask the operator to name it in build.ca_bundle; images stay without it.",
    ),
    Mistake(
        r"Temporary failure (?:in name resolution|resolving)|Could not resolve (?:host|proxy)|EAI_AGAIN|getaddrinfo ENOTFOUND"
        r"|Name or service not known|nodename nor servname|no such host$|failed to lookup address information",
        "A name could not be resolved from inside the build",
        "Check the address; the network may let builds out to public addresses only. Deploy again if it was a passing failure.",
    ),
    Mistake(
        r"ETIMEDOUT|ECONNRESET|ECONNREFUSED|ERR_SOCKET_TIMEOUT|[Cc]onnection timed out|[Nn]etwork is unreachable|No route to host"
        r"|ConnectTimeoutError|ReadTimeoutError|i/o timeout$|Could not connect to server|connect: connection refused",
        "A server did not answer the build",
        "Builds reach public addresses; an operator can allow private ones in network.allow. Deploy again if it was a passing failure.",
    ),
    Mistake(
        r'stat: "/?(?P<file>[^"\n]+)": no such file',
        "The earlier stage has no {file}",
        "Look at where that stage writes it: the path in COPY --from is taken from the stage's root.",
        instruction=r"(?:COPY|ADD) .*--from=",
    ),
    Mistake(
        r'stat: "/?(?P<file>[^"\n]+)": no such file',
        "There is no {file} in what the build sees of the repository",
        "Check its spelling (capitals count), that it is committed and not in .containerignore, and the root directory.",
        instruction=r"(?:COPY|ADD) ",
    ),
    Mistake(
        r"filtered out using|no items matching glob",
        "COPY finds no file of that name",
        "Check its spelling (capitals count), that it is committed and not in .containerignore, and the root directory.",
        instruction=r"(?:COPY|ADD) ",
    ),
    Mistake(
        r"env: '\w+\\r'|bad interpreter: No such file|\^M: bad interpreter|\$'\\r': command not found"
        r"|set: Illegal option -\s*\r?$|env: use -\[v\]S to pass options in shebang",
        "A script has Windows line endings (CRLF), or names an interpreter that is not there",
        "Save it with LF, add `*.sh text eol=lf` to .gitattributes, commit and push.",
    ),
    Mistake(
        r"(?:sh|bash)(?:: (?:line )?\d+)?: ([^:\n]*[\w-]): Permission denied$|permission denied: (\./[^\n]+)$",
        "{first} may not be executed",
        "Run `git update-index --chmod=+x` on it, commit and push; or call it with `sh`.",
    ),
    Mistake(
        r"EACCES: permission denied, (?:mkdir|open|unlink|rename|scandir) '(?P<file>/[^'\n]+)'",
        "The step may not write to {file}",
        "It belongs to another user: run this step above USER, or give COPY the flag --chown.",
    ),
    ARCHITECTURE,
    Mistake(
        r"Could not open requirements file: .*'(?P<file>[^'\n]+)'",
        "{file} is not there when this step runs",
        "COPY it above this step; check the root directory and .containerignore.",
    ),
    Mistake(
        r"Could not read package\.json|ERR_PNPM_NO_PKG_MANIFEST|Couldn't find a package\.json|go: go\.mod file not found"
        r"|go: cannot find main module|could not find `Cargo\.toml`|Could not locate Gemfile|could not find a composer\.json"
        r"|no makefile found\.|there is no POM in this directory|Poetry could not find a pyproject\.toml"
        r"|does not appear to be a Python project|No `pyproject\.toml` found|does not contain a Gradle build",
        "The step runs in a folder without the project's files",
        "COPY them above this step, or correct WORKDIR and the root directory in the settings.",
    ),
    Mistake(
        r"Could not find or load main class org\.gradle\.wrapper|Error: Unable to access jarfile .*(?:gradle|maven)-wrapper",
        "The wrapper's jar is not in the repository",
        "Commit it: `git add -f gradle/wrapper/gradle-wrapper.jar` (or .mvn/wrapper), and push.",
    ),
    Mistake(
        r"E: Unable to locate package (\S+)|E: Package '(\S+)' has no installation candidate",
        "apt does not find {first}",
        "Run `apt-get update` in the same RUN before apt-get install, and check the name for this Debian.",
    ),
    Mistake(
        r"[Dd]id you forget to run ['\"`]?git submodule|No url found for submodule path|[Gg]it submodules? (?:is|are) not "
        r"|run [`'\"]?git submodule update --init",
        "A Git submodule was not checked out",
        "Submodules are fetched for projects whose settings ask for it: turn submodules on and deploy again.",
    ),
    Mistake(
        r"Unexpected token '?v'?,? \"version ht|git-lfs\.github\.com/spec/v1",
        "A large file of Git LFS was not fetched: the build sees its pointer",
        "Large files are fetched for projects whose settings ask for it: turn large files on and deploy again.",
    ),
    Mistake(
        r"fatal: not a git repository|setuptools[-_]scm was unable to detect version|Unable to determine version.*git",
        "The build asks Git for the version, and builds see no .git",
        "Set the version by a build variable such as SETUPTOOLS_SCM_PRETEND_VERSION, or write it into a file.",
    ),
)

LAST = (
    Mistake(
        r": sudo: (?:command )?not found",
        "There is no sudo in builds, and none is needed",
        "Leave `sudo` away: steps run as root until USER, and push.",
    ),
    Mistake(
        r": (?P<command>pnpm|yarn): (?:command )?not found",
        "{command} is not in the image",
        "Put `RUN npm install -g {command}` above this step, or name it in packageManager of package.json, and push.",
    ),
    Mistake(
        r"^sh: \d+: (?P<command>[\w@./-]+): not found",
        "The script calls {command}, which was not installed",
        "Add it to dependencies, or install devDependencies too (no --omit=dev, no NODE_ENV=production) for the build.",
    ),
    Mistake(
        r": (bzip2|cmake|curl|ffmpeg|git|gzip|jq|meson|pkg-config|tar|unzip|wget|xz): (?:command )?not found"
        r"|spawn (git) ENOENT",
        "The command {first} is not in the image",
        "{install}.",
    ),
    Mistake(
        r"^/bin/(?:ba)?sh: (?:line )?\d+: (?P<script>[\w./-]*/[\w.-]+): not found",
        "{script} is not there, or its first line names an interpreter that is not",
        "Check that it was copied and saved with LF line endings (not CRLF), commit and push.",
    ),
    Mistake(
        r"^/bin/(?:ba)?sh: (?:line )?\d+: (?P<command>[\w.+-]+): (?:command )?not found",
        "The command {command} is not in the image",
        "Install it above this step, or begin from a base image that has it, and push.",
    ),
    Mistake(
        r"executable file [`\"]([^`\"\n]+)[`\"] not found in \$PATH|exec: \"([^\"\n]+)\": executable file not found",
        "The command {first} is not in the image",
        "Install it above this step, or begin from a base image that has it, and push.",
    ),
    Mistake(
        r"Failed building wheel for ([\w.-]+)|Failed to build `([^`\n]+)`|error: metadata-generation-failed",
        "A Python package was compiled and that failed",
        "Take a version of it that has a ready wheel for this Python, or an older Python in .python-version, and push.",
    ),
)
