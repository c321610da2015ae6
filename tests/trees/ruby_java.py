"""Trees of Ruby and Java, trees of all these languages that are refused, and what follows."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"

CASES = {
    "sinatra by rack": Case(
        files={
            "Gemfile": "source 'https://rubygems.org'\ngem 'sinatra'\ngem 'puma'\n",
            "Gemfile.lock": "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n    sinatra-contrib (4)\n",
            "config.ru": "run App",
        },
        summary="Ruby 3.3, Bundler, Sinatra, starts with bundle exec puma -b tcp://0.0.0.0:8080",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
    ),
    "sinatra as a program": Case(
        files={"Gemfile": "gem 'sinatra'\n", "app.rb": ""},
        summary="Ruby 3.3, Bundler, Sinatra, starts with bundle exec ruby app.rb",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
        notes=["There is no Gemfile.lock: each build may take other versions. Commit it."],
    ),
    "rack without puma": Case(
        files={
            "Gemfile": "gem 'rackup'\ngem 'roda'\n",
            "Gemfile.lock": "GEM\n  specs:\n    roda (3)\n",
            "config.ru": "",
        },
        summary="Ruby 3.3, Bundler, Roda, starts with bundle exec rackup --host 0.0.0.0 --port 8080",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
    ),
    "rails": Case(
        files={
            "Gemfile": "ruby '3.3.1'\ngem 'rails'\n",
            "Gemfile.lock": "GEM\n  specs:\n    puma (6)\n    rails (8.0)\n    propshaft (1)\n    pg (1)\n",
            "bin/rails": "",
            "config/puma.rb": "",
            "config/application.rb": "",
        },
        summary="Ruby 3.3, Bundler, Rails, starts with bundle exec puma -C config/puma.rb",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
        build="SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=unused-while-building bundle exec rails assets:precompile",
        notes=[
            "The Gemfile's line `ruby '3.3.1'` is left out of the image",
            "Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY: set one of them as a variable.",
            "Migrations are not run by themselves: begin a Procfile's web line with `bundle exec rails db:migrate &&`, or run them by hand.",
        ],
    ),
    "rails without puma's settings": Case(
        files={
            "Gemfile": "gem 'rails'\n",
            "Gemfile.lock": "GEM\n  specs:\n    rails (7.0)\n    sprockets-rails (3)\n    execjs (2)\n",
            "bin/rails": "",
        },
        summary="Ruby 3.3, Bundler, Rails, starts with bundle exec rails server -b 0.0.0.0 -p 8080 --pid /tmp/server.pid",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
        build="SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=unused-while-building bundle exec rails assets:precompile",
        notes=["Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY: set one of them as a variable."],
        packages=["nodejs"],
    ),
    "gems that are committed": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n    sinatra-contrib (4)\n",
            "vendor/cache/sinatra-4.gem": "",
            "config.ru": "",
        },
        summary="Ruby 3.3, gems of vendor/cache, Sinatra, starts with bundle exec puma -b tcp://0.0.0.0:8080",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3 --local",
    ),
    "ruby without gems": Case(
        files={"config.ru": "run ->(e) { [200, {}, []] }"},
        asked=BuildSettings(packages=("puma",)),
        summary="Ruby 3.3, starts with puma -b tcp://0.0.0.0:8080",
        images=[f"{OURS}ruby:3.3"],
        packages=["puma"],
    ),
    "ruby by a Procfile": Case(
        files={
            "Gemfile": "gem 'rails'\n",
            "Gemfile.lock": "GEM\n  specs:\n    rails (8.0)\n    puma (6)\n",
            "bin/rails": "",
            "Procfile": "web: bundle exec puma -t 5:5\nworker: bundle exec sidekiq\nrelease: rails db:migrate\n",
        },
        summary="Ruby 3.3, Bundler, Rails, a Procfile, starts with bundle exec puma -t 5:5",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
        notes=[
            "Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY: set one of them as a variable.",
            "The Procfile's release line is not run: there is no release phase yet. Begin the web line with what must happen before the program starts.",
            "The Procfile's worker line is not run: processes beside web come with a later release.",
        ],
        processes={"worker": ["sh", "-c", "exec bundle exec sidekiq"]},
    ),
    "an older ruby": Case(
        files={
            "Gemfile": "gem 'sinatra'\n",
            "Gemfile.lock": "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n    sinatra-contrib (4)\n",
            "config.ru": "",
            ".ruby-version": "ruby-3.1.4\n",
        },
        summary="Ruby 3.1, Bundler, Sinatra, starts with bundle exec puma -b tcp://0.0.0.0:8080",
        images=[f"{OURS}ruby-build:3.1", f"{OURS}ruby:3.1"],
        install="bundle install --jobs 4 --retry 3",
    ),
    "a ruby that nobody has": Case(
        files={
            "Gemfile": "ruby '~> 2.7'\ngem 'sinatra'\n",
            "Gemfile.lock": "GEM\n  specs:\n    puma (6.4)\n    sinatra (4.0)\n    sinatra-contrib (4)\n",
            "config.ru": "",
        },
        summary="Ruby 3.3, Bundler, Sinatra, starts with bundle exec puma -b tcp://0.0.0.0:8080",
        images=[f"{OURS}ruby-build:3.3", f"{OURS}ruby:3.3"],
        install="bundle install --jobs 4 --retry 3",
        notes=[
            "Gemfile asks for Ruby ~> 2.7; Ruby 3.3 was taken instead, because there is no base image of it; offered are 3.3, 3.1.",
            "The Gemfile's line `ruby '~> 2.7'` is left out of the image: Bundler would refuse to run with the Ruby 3.3 that Debian has. Write `ruby \"~> 3.3.0\"` to keep the line.",
        ],
    ),
    "spring boot with maven": Case(
        files={
            "pom.xml": "<project><properties><java.version>17</java.version></properties><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>"
        },
        summary="Java 21, Maven, Spring Boot, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
    ),
    "maven by its wrapper": Case(
        files={
            "pom.xml": "<project><properties><java.version>17</java.version></properties><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>",
            "mvnw": "",
            ".mvn/wrapper/maven-wrapper.properties": "",
        },
        summary="Java 21, Maven by its wrapper, Spring Boot, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="sh mvnw --batch-mode --no-transfer-progress -DskipTests package",
    ),
    "maven without a plugin for one jar": Case(
        files={"pom.xml": "<project/>"},
        summary="Java 21, Maven, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
        notes=[
            "No plugin of pom.xml makes one jar of the program and its libraries (spring-boot, shade, assembly): add one, unless the jar starts by itself."
        ],
    ),
    "quarkus": Case(
        files={
            "pom.xml": "<project><maven.compiler.release>21</maven.compiler.release><groupId>io.quarkus.platform</groupId><artifactId>quarkus-maven-plugin</artifactId></project>"
        },
        summary="Java 21, Maven, Quarkus, starts with java -XX:MaxRAMPercentage=75 -jar quarkus-run.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
    ),
    "spring boot with gradle": Case(
        files={
            "build.gradle": "plugins { id 'org.springframework.boot' version '3.3' }\njava { toolchain { languageVersion = JavaLanguageVersion.of(17) } }",
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        summary="Java 17, Gradle by its wrapper, Spring Boot, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:17", f"{OURS}java:17"],
        build="sh gradlew --no-daemon bootJar",
    ),
    "gradle with shadow": Case(
        files={
            "build.gradle.kts": 'plugins { id("com.gradleup.shadow") version "8" }\n',
            "settings.gradle.kts": "",
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        summary="Java 21, Gradle by its wrapper, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="sh gradlew --no-daemon shadowJar",
    ),
    "an application of gradle": Case(
        files={
            "build.gradle.kts": 'plugins { application; kotlin("jvm") }\nkotlin { jvmToolchain(25) }',
            "settings.gradle.kts": 'rootProject.name = "shop"\n',
            "gradlew": "",
            "gradle/wrapper/gradle-wrapper.jar": "",
        },
        summary="Java 25, Gradle by its wrapper, starts with bin/shop",
        images=[f"{OURS}java-build:25", f"{OURS}java:25"],
        build="sh gradlew --no-daemon installDist",
    ),
    "java by sdkman": Case(
        files={
            "pom.xml": "<project><properties><java.version>17</java.version></properties><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>",
            ".sdkmanrc": "java=21.0.2-tem\n",
        },
        summary="Java 21, Maven, Spring Boot, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
    ),
    "an old java": Case(
        files={
            "pom.xml": "<project><maven.compiler.target>1.8</maven.compiler.target><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>"
        },
        summary="Java 21, Maven, Spring Boot, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
    ),
    "java with a Procfile that builds": Case(
        files={
            "pom.xml": "<project><properties><java.version>17</java.version></properties><build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>",
            "Procfile": "web: ./mvnw spring-boot:run\nworker: java -cp app.jar Work\n",
        },
        summary="Java 21, Maven, Spring Boot, a Procfile, starts with java -XX:MaxRAMPercentage=75 -jar app.jar",
        images=[f"{OURS}java-build:21", f"{OURS}java:21"],
        build="mvn --batch-mode --no-transfer-progress -DskipTests package",
        notes=[
            "The Procfile's web line compiles the program at each start; the program that was built is started instead.",
            "The Procfile's worker line is not run: processes beside web come with a later release.",
        ],
        processes={"worker": ["sh", "-c", "exec java -cp app.jar Work"]},
    ),
}

REFUSED = {
    "go with several programs": (
        {
            "go.mod": "module example.org/shop\n\ngo 1.22\n",
            "cmd/api/main.go": "package main\nfunc main() {}\n",
            "cmd/job/main.go": "package main\nfunc main() {}\n",
        },
        'The module holds several programs: api, job. Say which one serves: set start to ["bin/api"], or add a Procfile with the line `web: bin/api`.',
    ),
    "go without a program": (
        {"go.mod": "module example.org/shop\n\ngo 1.22\n", "lib.go": "package lib"},
        "go.mod was found, and no program: neither main.go in the project's folder nor cmd/NAME/main.go. Add one, or set the project's root directory to the folder that has it.",
    ),
    "go without a module": (
        {"main.go": "package main\nfunc main() {}\n"},
        "main.go was found without a go.mod. Run `go mod init NAME` and commit go.mod.",
    ),
    "composer without a page": (
        {"composer.json": "{}"},
        "composer.json was found, and no page: neither index.php nor public/index.php. Add one, add a Procfile with a web line, or set the project's root directory to the folder that has it.",
    ),
    "rust with several programs": (
        {
            "Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n',
            "Cargo.lock": "",
            "src/bin/web.rs": "",
            "src/bin/job.rs": "",
        },
        'Cargo.toml leads to several programs: job, web. Say which one serves: set default-run in Cargo.toml, set start to ["bin/job"], or add a Procfile with the line `web: bin/job`.',
    ),
    "rust without a program": (
        {"Cargo.toml": '[package]\nname = "shop"\nversion = "1.0.0"\n', "src/lib.rs": ""},
        "Cargo.toml was found, and no program: neither src/main.rs nor src/bin nor a [[bin]]. Add one, or set the project's root directory to the folder that has it.",
    ),
    "a Gemfile and nothing that starts": (
        {"Gemfile": "gem 'rake'\n"},
        "Gemfile was found, and nothing that starts: neither config.ru nor bin/rails nor app.rb. Add one, set start, or add a Procfile with the line `web: …`.",
    ),
    "a war": (
        {"pom.xml": "<project><packaging>war</packaging></project>"},
        "pom.xml makes a war, which needs an application server. Make an executable jar of it, or add a Containerfile.",
    ),
    "gradle without its wrapper": (
        {"build.gradle": ""},
        "build.gradle was found without Gradle's wrapper, and builds need the Gradle that it names. Run `gradle wrapper` and commit gradlew and gradle/wrapper/.",
    ),
}
