"""Trees of Java with several modules, or with commands that say where the archive lies, and the plans that follow."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
JAVA = [f"{OURS}java-build:21", f"{OURS}java:21"]
STARTS = "starts with java -XX:MaxRAMPercentage=75 -jar app.jar"
PARENT = "<project><packaging>pom</packaging><modules><module>api</module></modules></project>"
SPRING = "<project><build><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin>org.springframework.boot</build></project>"
MAVEN = "mvn --batch-mode --no-transfer-progress -DskipTests package"
WRAPPER = {"gradlew": "", "gradle/wrapper/gradle-wrapper.jar": ""}
BOOT = "plugins { id 'org.springframework.boot' version '3.4' }\n"

CASES = {
    "modules of maven of which one is the program": Case(
        files={"pom.xml": PARENT, "api/pom.xml": SPRING, "core/pom.xml": "<project/>"},
        summary=f"Java 21, Maven, Spring Boot, the module api, {STARTS}",
        images=JAVA,
        build=MAVEN,
    ),
    "modules of maven where the build says which": Case(
        files={"pom.xml": PARENT, "api/pom.xml": SPRING, "jobs/pom.xml": SPRING},
        asked=BuildSettings(build="mvn -DskipTests package -pl jobs -am"),
        summary=f"Java 21, Maven, Spring Boot, the module jobs, {STARTS}",
        images=JAVA,
        build="mvn -DskipTests package -pl jobs -am",
    ),
    "modules of gradle of which one is the program": Case(
        files={
            **WRAPPER,
            "settings.gradle": "include 'services:api', 'core'\n",
            "build.gradle": "plugins { id 'org.springframework.boot' version '3.4' apply false }\n",
            "services/api/build.gradle": "plugins { id 'org.springframework.boot' }\n",
            "core/build.gradle": "dependencies { implementation 'org.springframework.boot:spring-boot:3.4' }\n",
        },
        summary=f"Java 21, Gradle by its wrapper, Spring Boot, the module services/api, {STARTS}",
        images=JAVA,
        build="sh gradlew --no-daemon :services:api:bootJar",
    ),
    "modules of gradle where the build says which": Case(
        files={**WRAPPER, "settings.gradle": "", "api/build.gradle": BOOT, "jobs/build.gradle": BOOT},
        asked=BuildSettings(build="sh gradlew :jobs:bootJar"),
        summary=f"Java 21, Gradle by its wrapper, Spring Boot, the module jobs, {STARTS}",
        images=JAVA,
        build="sh gradlew :jobs:bootJar",
    ),
    "an application in a module": Case(
        files={
            **WRAPPER,
            "settings.gradle.kts": 'rootProject.name = "shop"\ninclude("app", "list")\n',
            "app/build.gradle.kts": 'plugins {\n    id("buildlogic.java-application-conventions")\n}\n',
            "list/build.gradle.kts": 'dependencies { api(project(":application")) } // of the application, too\n',
        },
        summary="Java 21, Gradle by its wrapper, the module app, starts with bin/app",
        images=JAVA,
        build="sh gradlew --no-daemon :app:installDist",
    ),
    "an application with a name of its own": Case(
        files={
            **WRAPPER,
            "settings.gradle": "rootProject.name = 'shop'\n",
            "build.gradle": "apply plugin: 'application'\napplicationName = 'shopd'\n",
        },
        summary="Java 21, Gradle by its wrapper, starts with bin/shopd",
        images=JAVA,
        build="sh gradlew --no-daemon installDist",
    ),
    "a Procfile that starts the archive where it is built": Case(
        files={
            "pom.xml": SPRING,
            "system.properties": "java.runtime.version=17\n",
            "Procfile": "web: java $JAVA_OPTS -jar target/shop-1.0.jar --server.port=$PORT\n",
        },
        summary="Java 17, Maven, Spring Boot, a Procfile, starts with java $JAVA_OPTS -jar target/shop-1.0.jar --server.port=$PORT",
        images=[f"{OURS}java-build:17", f"{OURS}java:17"],
        build=MAVEN,
    ),
    "a Procfile that starts classes": Case(
        files={"pom.xml": SPRING, "Procfile": "web: java -cp target/classes:target/dependency/* Main\n"},
        summary="Java 21, Maven, Spring Boot, a Procfile, starts with java -cp target/classes:target/dependency/* Main",
        images=JAVA,
        build=MAVEN,
    ),
    "a Procfile that starts what gradle installs": Case(
        files={
            **WRAPPER,
            "build.gradle": "plugins { id 'application' }\n",
            "Procfile": "web: ./build/install/shop/bin/shop\n",
        },
        summary="Java 21, Gradle by its wrapper, a Procfile, starts with ./build/install/shop/bin/shop",
        images=JAVA,
        build="sh gradlew --no-daemon installDist",
    ),
}

REFUSED = {
    "modules of maven of which several are programs": (
        {"pom.xml": PARENT, "api/pom.xml": SPRING, "jobs/pom.xml": SPRING},
        "Several modules make a program: api, jobs. Say which one serves: set build.command to `mvn -DskipTests package -pl api -am`, or to that of another one.",
    ),
    "modules of gradle of which several are programs": (
        {**WRAPPER, "settings.gradle": "", "api/build.gradle": BOOT, "jobs/build.gradle": BOOT},
        "Several modules make a program: api, jobs. Say which one serves: set build.command to `sh gradlew --no-daemon :api:bootJar`, or to that of another one.",
    ),
}
