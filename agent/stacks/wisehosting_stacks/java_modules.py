"""Builds of Java with several modules: which one is the program, and what a command says about where it lies."""

import re
from collections.abc import Callable

from wisehosting_stacks.commands import Commands
from wisehosting_stacks.plan import NotDetected
from wisehosting_stacks.tree import Tree

SIZE = 400_000
"""Characters of a build file that are read."""
MOST = 40
"""Build files that are read."""
MAVEN_PLUGINS = (
    "spring-boot-maven-plugin",
    "maven-shade-plugin",
    "maven-assembly-plugin",
    "quarkus-maven-plugin",
    "micronaut-maven-plugin",
)
"""What makes one archive of all in Maven."""
# A plugin that is only named for others ends with `apply false`.
_SPRING = re.compile(
    r"(?:['\"]org\.springframework\.boot['\"]|libs\.plugins\.spring[\w.]{0,40}boot\b)(?![^\n]{0,99}apply)"
)
_APPLICATION = re.compile(
    r"['\"`]application['\"`]|[.-]application-conventions|(?:^|[{;\s])application[ \t]{0,9}(?:[{;}]|$)", re.MULTILINE
)
_NAME = re.compile(r"(?:rootProject\.name|applicationName)\s{0,9}=\s{0,9}['\"]([\w.-]+)['\"]")
_FOLDER = re.compile(r"[\w][\w.-]*\Z")
_PLACES = (("target",), ("build", "libs"), ("build", "install"))


def maven_module(tree: Tree, build: str) -> str:
    """The folder of the only module that makes an archive of all; empty for the project itself, or when it is open.

    Raises NotDetected when there are several and the build does not choose.
    """
    if any(mark in tree.text("pom.xml")[:SIZE] for mark in MAVEN_PLUGINS) and "<modules>" not in tree.text("pom.xml"):
        return ""
    found = _modules(tree, ("pom.xml",), lambda text: any(mark in text for mark in MAVEN_PLUGINS))
    return _only(found, build, lambda name: f"mvn -DskipTests package -pl {name} -am")


def spring_module(tree: Tree, build: str) -> str:
    """The same for the modules of Gradle that Spring Boot's plugin is applied to."""
    if any(_SPRING.search(tree.text(name)[:SIZE]) for name in ("build.gradle.kts", "build.gradle")):
        return ""
    found = _modules(tree, ("build.gradle.kts", "build.gradle"), lambda text: _SPRING.search(text) is not None)
    return _only(found, build, lambda name: f"sh gradlew --no-daemon :{name.replace('/', ':')}:bootJar")


def is_application(text: str) -> bool:
    """Whether Gradle's application plugin is applied in a build file."""
    return _APPLICATION.search(text) is not None


def application(tree: Tree, build: str) -> tuple[str, str]:
    """(folder, script) of what Gradle's application plugin installs; the script is empty when its name is open."""
    own = "".join(tree.text(name)[:SIZE] for name in ("build.gradle.kts", "build.gradle"))
    found = _modules(tree, ("build.gradle.kts", "build.gradle"), is_application)
    if is_application(own) and not found:
        settings = "".join(tree.text(name)[:SIZE] for name in ("settings.gradle.kts", "settings.gradle"))
        return "", _named(own) or _named(settings)
    folder = _only(found, build, lambda name: f"sh gradlew --no-daemon :{name.replace('/', ':')}:installDist")
    texts = "".join(tree.text(f"{folder}/{name}")[:SIZE] for name in ("build.gradle.kts", "build.gradle"))
    return folder, _named(texts) or folder.rpartition("/")[2]


def named_folders(said: Commands) -> list[str]:
    """Folders of a build that commands name: `target` in `java -jar target/shop.jar`."""
    words = [word for argv in (said.web or (), *said.others.values()) for word in argv]
    found: dict[str, None] = {}
    for path in (one for word in words for one in re.split(r"[\s:;='\"]+", word)):
        pieces = path.removeprefix("/app/").removeprefix("./").split("/")[:9]
        for place in _PLACES:
            end = next((at + len(place) for at in range(2) if tuple(pieces[at : at + len(place)]) == place), 0)
            if end and len(pieces) > end and all(_FOLDER.match(piece) for piece in pieces[:end]):
                found["/".join(pieces[:end])] = None
    return list(found)


def _modules(tree: Tree, names: tuple[str, ...], holds: Callable[[str], bool]) -> list[str]:
    """Folders, one or two below the project's, of which a build file holds what is looked for."""
    paths = [path for deep in ("*", "*/*") for name in names for path in tree.match(f"{deep}/{name}")][:MOST]
    folders = (path.rpartition("/")[0] for path in paths if holds(tree.text(path)[:SIZE]))
    return [one for one in dict.fromkeys(folders) if all(map(_FOLDER.match, one.split("/"))) and one != "buildSrc"]


def _only(found: list[str], build: str, one: Callable[[str], str]) -> str:
    words = re.split(r"[\s,]+", build)
    chosen = [
        name for name in found if name in words or any(f":{name.replace('/', ':')}:" in f":{one}" for one in words)
    ]
    if len(chosen or found) > 1 and not build:
        raise NotDetected(
            f"Several modules make a program: {', '.join(found)}. Say which one serves: "
            f"set build.command to `{one(found[0])}`, or to that of another one."
        )
    left = chosen or found
    return left[0] if len(left) == 1 else ""


def _named(text: str) -> str:
    match = _NAME.search(text)
    return match[1] if match else ""
