"""Java and what runs on its machine: Maven and Gradle, one archive that holds all, started with java -jar."""

import re

import msgspec

from wisehosting_stacks.commands import Commands, commands
from wisehosting_stacks.debian import asked_packages
from wisehosting_stacks.java_modules import (
    MAVEN_PLUGINS,
    MOST,
    SIZE,
    application,
    is_application,
    maven_module,
    named_folders,
    spring_module,
)
from wisehosting_stacks.marks import left_to_others
from wisehosting_stacks.pins import first_pin, pinned, tool_version
from wisehosting_stacks.plan import Finding, NotDetected, Plan, Stack, Version
from wisehosting_stacks.render import render
from wisehosting_stacks.settings import BuildSettings
from wisehosting_stacks.tree import Tree
from wisehosting_stacks.versions import Offers, choose

START = ("java", "-XX:MaxRAMPercentage=75", "-jar", "app.jar")
GRADLES = ("build.gradle.kts", "build.gradle")
_MAVEN_VERSION = re.compile(
    r"<(?:maven\.compiler\.release|java\.version|maven\.compiler\.target|release)>\s*([\d.]+)\s*<"
)
_TOOLCHAIN = re.compile(r"JavaLanguageVersion\.of\(\s*[\"']?(\d+)|jvmToolchain\(\s*(\d+)")
_COMPATIBLE = re.compile(r"sourceCompatibility\s{0,20}=?\s{0,20}(?:JavaVersion\.VERSION_)?['\"]?([\d._]+)")
_PARENT_WAR = re.compile(r"<packaging>\s*(war|ear)\s*</packaging>")
FRAMEWORKS = (
    ("org.springframework.boot", "Spring Boot"),
    ("io.quarkus", "Quarkus"),
    ("io.micronaut", "Micronaut"),
    ("io.ktor", "Ktor"),
    ("io.javalin", "Javalin"),
    ("io.helidon", "Helidon"),
    ("com.sparkjava", "Spark"),
)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """How one build tool makes the archive."""

    tool: str
    where: str
    build: str
    cache: str
    module: str = ""
    """The folder of the module that is the program, where there are several."""
    collect: str
    """Shell line that brings what runs to /out."""
    start: tuple[str, ...] = START
    notes: tuple[str, ...] = ()


def plan(tree: Tree, asked: BuildSettings, offers: Offers) -> Plan | None:
    """A Maven or Gradle project."""
    gradle = tree.first(*GRADLES) or tree.first("settings.gradle.kts", "settings.gradle")
    if "pom.xml" not in tree and gradle is None:
        return None
    text = _texts(tree)
    framework = next((title for mark, title in FRAMEWORKS if mark in text), "")
    made = (
        _maven(tree, text, framework, asked)
        if "pom.xml" in tree
        else _gradle(tree, gradle or "", text, framework, asked)
    )
    if made is None:
        return None
    said = commands(tree, asked, compiled=True)
    folders = named_folders(said)
    version = _version(tree, asked, offers)
    packages = asked_packages(asked.packages)
    port = asked.port or 8080
    build = asked.build or made.build
    start = said.web or made.start
    image, final = f"localhost/wisehosting/java-build:{version.taken}", f"localhost/wisehosting/java:{version.taken}"
    found = [
        Finding(what=f"Java {version.taken}", where=version.where or made.where),
        Finding(what=made.tool, where=made.where),
    ]
    found += [Finding(what=framework, where=made.where)] if framework else []
    found += [Finding(what=f"the module {made.module}", where=made.module)] if made.module else []
    rendered = render(
        "java.Containerfile.j2",
        image=image,
        final=final,
        packages=packages,
        install=asked.install,
        build=build,
        cache=made.cache,
        collect=_kept(folders, said) if folders else made.collect,
        port=port,
        start=start,
    )
    return Plan(
        stack=Stack.java,
        framework=framework,
        version=version,
        found=(*found, *said.found),
        notes=(*filter(None, (version.note,)), *made.notes, *said.notes),
        install=asked.install,
        build=build,
        start=start,
        processes=dict(said.others),
        packages=packages,
        port=port,
        images=(image, final),
        containerfile=rendered,
    )


def _texts(tree: Tree) -> str:
    """All build files: a parent says little, its modules more."""
    modules = [path for deep in ("*", "*/*") for name in ("pom.xml", *GRADLES) for path in tree.match(f"{deep}/{name}")]
    names = ["pom.xml", *GRADLES, "gradle/libs.versions.toml", *modules]
    return "\n".join(tree.text(name)[:SIZE] for name in names[:MOST])


def _archive(places: str) -> str:
    """The largest archive that is no copy of sources: the one that holds all."""
    return (
        f"mkdir -p /out && cp \"$(ls -S {places} | grep -v -e '-sources.jar$' -e '-javadoc.jar$' -e '-plain.jar$' "
        "-e '/original-' | head -n 1)\" /out/app.jar"
    )


def _kept(folders: list[str], said: Commands) -> str:
    """What commands name stays where they say; of `target` only its archives, unless classes are named."""
    lines = []
    for folder in folders:
        whole = "target" not in folder or said.mention(f"{folder}/classes") or said.mention(f"{folder}/dependency")
        lines.append(f"mkdir -p /out/{folder} && cp -R {folder}/{'.' if whole else '*.?ar'} /out/{folder}/")
    return " && ".join(lines)


def _maven(tree: Tree, text: str, framework: str, asked: BuildSettings) -> Made:
    if _PARENT_WAR.search(tree.text("pom.xml")[:SIZE]) and framework != "Spring Boot":
        raise NotDetected(
            "pom.xml makes a war, which needs an application server. Make an executable jar of it, or add a Containerfile."
        )
    wrapped = "mvnw" in tree and ".mvn/wrapper/maven-wrapper.properties" in tree
    program = "sh mvnw" if wrapped else "mvn"
    module = maven_module(tree, asked.build)
    folder = f"{module}/" if module else ""
    places = (
        f"{folder}target/*.jar {folder}target/*.war{'' if module else ' */target/*.jar */*/target/*.jar'} 2>/dev/null"
    )
    notes: tuple[str, ...] = ()
    if not any(mark in text for mark in (*MAVEN_PLUGINS, "micronaut")):
        said = (
            "No plugin of pom.xml makes one jar of the program and its libraries (spring-boot, shade, assembly): "
            "add one, unless the jar starts by itself."
        )
        notes = (said,)
    quarkus = framework == "Quarkus"
    return Made(
        tool="Maven" if not wrapped else "Maven by its wrapper",
        where="pom.xml",
        module=module,
        build=f"{program} --batch-mode --no-transfer-progress -DskipTests package",
        cache="/root/.m2",
        collect=f"mkdir -p /out && cp -R {folder}target/quarkus-app/. /out/" if quarkus else _archive(places),
        start=(*START[:-1], "quarkus-run.jar") if quarkus else START,
        notes=notes,
    )


def _gradle(tree: Tree, where: str, text: str, framework: str, asked: BuildSettings) -> Made | None:
    if "gradlew" not in tree or "gradle/wrapper/gradle-wrapper.jar" not in tree:
        left_to_others(
            tree,
            asked,
            Stack.java,
            f"{where} was found without Gradle's wrapper, and builds need the Gradle that it names. "
            "Run `gradle wrapper` and commit gradlew and gradle/wrapper/.",
        )
        return None
    quarkus = framework == "Quarkus"
    whole = quarkus or framework == "Spring Boot" or re.search(r"shadow|com\.gradleup|johnrengelman", text) is not None
    if not whole and is_application(text):
        return _installed(tree, where, asked)
    task = {"Spring Boot": "bootJar", "Quarkus": "build -x test"}.get(framework, "shadowJar" if whole else "assemble")
    module = spring_module(tree, asked.build) if framework == "Spring Boot" else ""
    places = (
        f"{module}/build/libs/*.jar 2>/dev/null"
        if module
        else "build/libs/*.jar */build/libs/*.jar */*/build/libs/*.jar 2>/dev/null"
    )
    return Made(
        tool="Gradle by its wrapper",
        where=where,
        module=module,
        build=f"sh gradlew --no-daemon {_path(module)}{task}",
        cache="/root/.gradle",
        collect="mkdir -p /out && cp -R build/quarkus-app/. /out/" if quarkus else _archive(places),
        start=(*START[:-1], "quarkus-run.jar") if quarkus else START,
    )


def _path(module: str) -> str:
    return f":{module.replace('/', ':')}:" if module else ""


def _installed(tree: Tree, where: str, asked: BuildSettings) -> Made:
    """What Gradle's application plugin installs: the libraries, and a script of the program's name."""
    module, script = application(tree, asked.build)
    places = f"{module}/build/install/*" if module else "build/install/* */build/install/*"
    return Made(
        tool="Gradle by its wrapper",
        where=where,
        module=module,
        build=f"sh gradlew --no-daemon {_path(module)}installDist",
        cache="/root/.gradle",
        collect=f'mkdir -p /out && cp -R "$(ls -d {places} 2>/dev/null | head -n 1)"/. /out/',
        start=(f"bin/{script}",) if script else ("sh", "-c", 'exec "$(ls bin/* | grep -v .bat | head -n 1)"'),
    )


def _version(tree: Tree, asked: BuildSettings, offers: Offers) -> Version:
    gradle = tree.first(*GRADLES) or ""
    text = tree.text(gradle)[:SIZE]
    exact = _TOOLCHAIN.search(text)
    compatible = _COMPATIBLE.search(text)
    maven = _MAVEN_VERSION.search(tree.text("pom.xml")[:SIZE])
    sdk = re.search(r"^java=(\d+)", tree.text(".sdkmanrc"), re.MULTILINE)
    runtime = re.search(r"^java\.runtime\.version\s*=\s*(\d[\d.]*)", tree.text("system.properties"), re.MULTILINE)
    tools = re.search(r"(\d+)", tool_version(tree, "java"))
    wanted, where = first_pin(
        (asked.version, "build.version"),
        (pinned(tree, ".java-version"), ".java-version"),
        (sdk[1] if sdk else "", ".sdkmanrc"),
        (runtime[1] if runtime else "", "system.properties"),
        ((exact[1] or exact[2]) if exact else "", gradle),
        # What is compiled for an older one runs on a newer one.
        (f">={_plain(compatible[1])}" if compatible else "", gradle),
        (f">={_plain(maven[1])}" if maven else "", "pom.xml"),
        (tools[1] if tools else "", ".tool-versions"),
    )
    return choose("java", "Java", wanted, where, offers)


def _plain(version: str) -> str:
    """`1.8` and `1_8` are 8."""
    return version.replace("_", ".").removeprefix("1.").strip(".") or version
