"""Mistakes in the project itself: modules, scripts, types, settings that a framework wants. Data."""

from wisehosting_agent.build.mistake import Mistake
from wisehosting_agent.build.mistakes_system import ARCHITECTURE

PYTHON_MODULE = Mistake(
    r"ModuleNotFoundError: No module named '(?P<module>[^'\n]+)'",
    "Python finds no module {module}",
    "Add `{distribution}` to the requirements; a module of your own must be committed and spelt alike (capitals count).",
)
NODE_MODULE = Mistake(
    r"Cannot find (?:module|package) '(?P<module>[^'./\n][^'\n]*)'",
    "Node finds no module {module}",
    "Add it to dependencies in package.json (devDependencies are left out of production installs), commit the lock file and push.",
    unless=r"error TS\d+",
)
OWN_NODE_MODULE = Mistake(
    r"Cannot find module '(?P<module>[./][^'\n]*)'",
    "Node finds no file {module}",
    "Check that it is built or committed and spelt alike: capitals count on Linux.",
    unless=r"error TS\d+",
)
SETTING = Mistake(
    r"^KeyError: '([A-Z][A-Z0-9_]{2,})'|UndefinedValueError: (\w+) not found"
    r"|Set the (\w+) environment variable|Environment variable not found: (\w+)",
    "The variable {first} is not set",
    "Set it with `wh variables set PROJECT {first}=value`, for the build with --build.",
)
START_SCRIPT = Mistake(
    r"[Mm]issing script: \"?start(?![\w:.-])",
    "package.json has no script start",
    "Add `start` to scripts in package.json, or set command under [processes.web] in wisehosting.toml.",
)

FRAMEWORKS = (
    Mistake(
        r"SECRET_KEY setting must not be empty|KeyError: '(?:DJANGO_)?SECRET_KEY'|SECRET_KEY not found"
        r"|Set the (?:DJANGO_)?SECRET_KEY environment variable",
        "Django wants SECRET_KEY while it is built",
        "Let the settings fall back to a dummy when it is absent, or set one with `wh variables set PROJECT SECRET_KEY=- --build`.",
    ),
    Mistake(
        r"without having set the STATIC_ROOT setting",
        "collectstatic does not know where to",
        "Set STATIC_ROOT in the settings, such as `BASE_DIR / 'staticfiles'`, and push.",
    ),
    Mistake(
        r"Missing `?secret_key_base`?",
        "Rails wants SECRET_KEY_BASE while it is built",
        "Put SECRET_KEY_BASE_DUMMY=1 before assets:precompile, or set it as a build variable.",
    ),
    Mistake(
        r"Missing encryption key to decrypt file with|ActiveSupport::MessageEncryptor::InvalidMessage",
        "Rails lacks the key of its credentials",
        "Set it with `wh variables set PROJECT RAILS_MASTER_KEY=- --build --run`; config/master.key stays out of the repository.",
    ),
    Mistake(
        r"@prisma/client did not initialize yet|Cannot find module '\.prisma/client"
        r"|has no exported member '?PrismaClient|Prisma Client could not locate",
        "Prisma's client was not generated",
        "Run `prisma generate` before the build: as postinstall, or first in the script build, and push.",
    ),
    Mistake(
        r"(?:Error occurred prerendering page|Failed to collect page data for) \"?(?P<page>/[^\"\s]*)",
        "Next.js renders {page} while it is built and lacks a variable or a server",
        "Set what it reads as build variables, or render the page on request: `export const dynamic = 'force-dynamic'`.",
        also=r"fetch failed|ECONNREFUSED|ENOTFOUND|[Ee]nvironment variable|process\.env|Invalid URL|(?:[Kk]ey|[Uu]rl) is required",
    ),
    Mistake(
        r"Invalid environment variables",
        "The build checks variables that are not set",
        "Set those named above: `wh variables set PROJECT NAME=value --build --run`.",
    ),
)

CODE = (
    START_SCRIPT,
    Mistake(
        r"[Mm]issing script:? \"?([\w:.-]+)|error Command \"([\w:.-]+)\" not found"
        r"|ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL\s+Command \"([\w:.-]+)\" not found"
        r"|Couldn't find a script named \"([\w:.-]+)|Script not found \"([\w:.-]+)",
        "package.json has no script {first}",
        "Add it to scripts in package.json, or correct the build command, and push.",
    ),
    Mistake(
        r"[Tt]reating warnings as errors because process\.env\.CI",
        "Warnings count as errors, because CI is set",
        "Correct the warnings above, or put CI=false before the build command, and push.",
    ),
    Mistake(
        r"error TS(?:1149|1261)|differs from already included file name",
        "An import is spelt otherwise than its file",
        "Write both alike: capitals count on Linux. `git mv` renames a file where the system does not see the difference.",
    ),
    Mistake(
        r"Module not found: .*[Cc]an't resolve '(\.[^'\n]+)'|Could not resolve \"(\.[^\"\n]+)\" from"
        r"|error TS2307: Cannot find module '((?:\.+|@|~)/[^'\n]+)'",
        "There is no file {first} that an import names",
        "Check that it is committed and spelt alike: capitals count on Linux.",
    ),
    Mistake(
        r"Module not found: .*[Cc]an't resolve '([^'\n]+)'|failed to resolve import \"([^\"\n]+)\""
        r"|Could not resolve \"([^\"./\n][^\"\n]*)\"|error TS2307: Cannot find module '([^'\n]+)'",
        "The package {first} was not installed",
        "Add it to dependencies in package.json, commit the lock file and push.",
    ),
    Mistake(
        r"error TS\d{4,5}:|^Type error: ",
        "TypeScript found errors",
        "They are named above; `npx tsc --noEmit` shows them here too. Correct them and push.",
    ),
    Mistake(
        r"\u2716 \d+ problems? \([1-9]\d* errors?|ESLint found too many warnings|^\s*\d+:\d+\s+[Ee]rror:?\s",
        "ESLint found errors",
        "Correct those named above, or take the linter out of the build script, and push.",
    ),
    PYTHON_MODULE,
    OWN_NODE_MODULE,
    NODE_MODULE,
    SETTING,
)

AT_START = (ARCHITECTURE, START_SCRIPT, PYTHON_MODULE, OWN_NODE_MODULE, NODE_MODULE, SETTING)
"""Also told of an app that ends before it is ready."""
