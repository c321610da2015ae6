"""Trees of Python by tool and version, trees that are refused, and what follows."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"

CASES = {
    "a uv workspace": Case(
        files={
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi", "uvicorn"]\n[tool.uv.workspace]\nmembers = ["p/*"]\n',
            "uv.lock": "",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "p/x/pyproject.toml": "",
        },
        summary="Python 3.13, uv, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev",
    ),
    "poetry": Case(
        files={
            "pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"\ngunicorn = "*"\n',
            "poetry.lock": "",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, Poetry, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv tool run --with poetry-plugin-export poetry export --only main --output /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
    ),
    "poetry without a lock file": Case(
        files={
            "pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.12"\nflask = "^3"\ngunicorn = "*"\n',
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.12, Poetry, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.12", f"{OURS}python:3.12"],
        install="uv tool run poetry lock && uv tool run --with poetry-plugin-export poetry export --only main --output /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
        notes=["There is no poetry.lock: each build may install other versions. Run `poetry lock` and commit it."],
    ),
    "pdm": Case(
        files={
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask", "gunicorn"]\n',
            "pdm.lock": "",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, PDM, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv tool run pdm export --prod --no-markers --format requirements --output /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
    ),
    "pipenv": Case(
        files={
            "Pipfile": '[packages]\nflask = "*"\ngunicorn = "*"\n[requires]\npython_version = "3.12"\n',
            "Pipfile.lock": "{}",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.12, Pipenv, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.12", f"{OURS}python:3.12"],
        install="uv tool run pipenv requirements > /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
    ),
    "pipenv without a lock file": Case(
        files={
            "Pipfile": '[packages]\nflask = "*"\ngunicorn = "*"\n',
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, Pipenv, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv tool run pipenv lock && uv tool run pipenv requirements > /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
        notes=["There is no Pipfile.lock: each build may install other versions. Run `pipenv lock` and commit it."],
    ),
    "setup.py alone": Case(
        files={"setup.py": "from setuptools import setup\nsetup()\n", "main.py": ""},
        summary="Python 3.13, setup.py, starts with python main.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install .",
    ),
    "pyproject.toml for tools beside requirements": Case(
        files={
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "requirements and a pyproject with dependencies": Case(
        files={
            "pyproject.toml": '[project]\nname="a"\ndependencies = ["django"]\n',
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "pyproject.toml names django, which requirements.txt does not: only requirements.txt is installed. Add it there."
        ],
    ),
    "two lock files": Case(
        files={
            "pyproject.toml": '[project]\nname="a"\ndependencies = ["flask", "gunicorn"]\n',
            "uv.lock": "",
            "poetry.lock": "",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, uv, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev --no-install-project",
        notes=["poetry.lock is not used: dependencies are installed by uv.lock."],
    ),
    "uv before Pipenv and a list": Case(
        files={
            "pyproject.toml": '[project]\nname="a"\ndependencies = ["flask", "gunicorn"]\n',
            "uv.lock": "",
            "Pipfile": "",
            "requirements.txt": "",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, uv, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev --no-install-project",
        notes=["requirements.txt and Pipfile are not used: dependencies are installed by uv.lock."],
    ),
    "a project that is its own requirement": Case(
        files={
            "pyproject.toml": '[project]\nname="a"\ndependencies = ["flask", "gunicorn"]\n',
            "requirements.txt": "-e .\ngunicorn\nflask\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "lists that name lists by ways with dots": Case(
        files={
            "requirements.txt": "-r ./requirements/prod.txt\n",
            "requirements/prod.txt": "-r ../base.txt\n",
            "base.txt": "flask\ngunicorn\n",
            "app.py": FLASK,
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a constraint is no dependency": Case(
        files={"requirements.txt": "-c pins.txt\nflask\n", "pins.txt": "gunicorn==23.0\nflask==3.1\n", "app.py": FLASK},
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install gunicorn",
        notes=["gunicorn is not among the dependencies"],
    ),
    "a folder that is a requirement": Case(
        files={"requirements.txt": "flask\ngunicorn\n-e libs/money\n", "libs/money/setup.py": "", "app.py": FLASK},
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "wheels in the repository": Case(
        files={
            "requirements.txt": "--find-links vendor\nflask\ngunicorn\n",
            "vendor/x-1-py3-none-any.whl": "",
            "app.py": FLASK,
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "setup.py that names what it needs": Case(
        files={
            "setup.py": "from setuptools import setup\nneeded = ['Flask>=3', 'gunicorn']\nsetup(name='a', install_requires=needed)\n",
            "app.py": FLASK,
        },
        summary="Python 3.13, setup.py, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install .",
    ),
    "setup.cfg that names what is needed": Case(
        files={
            "setup.py": "import setuptools\nsetuptools.setup()\n",
            "setup.cfg": "[metadata]\nname = a\n[options]\ninstall_requires =\n    flask\n    gunicorn\n[other]\nx = y\n",
            "app.py": FLASK,
        },
        summary="Python 3.13, setup.py, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install .",
    ),
    "dependencies that setuptools reads from a list": Case(
        files={
            "pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["needed.txt"] }\n',
            "needed.txt": "flask\ngunicorn\n",
            "app.py": FLASK,
        },
        summary="Python 3.13, pyproject.toml, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement pyproject.toml",
    ),
    "a console script that starts": Case(
        files={
            "pyproject.toml": '[project]\nname="a"\ndependencies = ["requests"]\n[project.scripts]\nserve = "a.cli:main"\n',
            "uv.lock": "",
            "src/a/__init__.py": "",
        },
        summary="Python 3.13, uv, starts with serve",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev --no-install-project && uv pip install --no-deps --editable .",
    ),
    "python-version": Case(
        files={
            ".python-version": "3.12\n",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.12, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.12", f"{OURS}python:3.12"],
        install="uv pip install --requirement requirements.txt",
    ),
    "runtime.txt": Case(
        files={
            "runtime.txt": "python-3.11.9\n",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.11, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.11", f"{OURS}python:3.11"],
        install="uv pip install --requirement requirements.txt",
    ),
    "tool-versions": Case(
        files={
            ".tool-versions": "nodejs 20\npython 3.14.0\n",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.14, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.14", f"{OURS}python:3.14"],
        install="uv pip install --requirement requirements.txt",
    ),
    "versions that disagree": Case(
        files={
            ".python-version": "3.11",
            "requirements.txt": "",
            "pyproject.toml": '[project]\nrequires-python = ">=3.13"\n',
            "app.py": "",
        },
        summary="Python 3.11, requirements.txt, starts with python app.py",
        images=[f"{OURS}python-build:3.11", f"{OURS}python:3.11"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            ".python-version asks for Python 3.11, and pyproject.toml, requires-python for >=3.13: Python 3.11 was taken. Make them agree, or a tool may refuse it."
        ],
    ),
    "a version that nobody has": Case(
        files={
            ".python-version": "2.7",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            ".python-version asks for Python 2.7; Python 3.13 was taken instead, because there is no base image of it; offered are 3.13, 3.11, 3.12, 3.14, 3.10, 3.9."
        ],
    ),
    "a version by a setting": Case(
        files={
            ".python-version": "3.11",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        asked=BuildSettings(version="3.12"),
        summary="Python 3.12, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.12", f"{OURS}python:3.12"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a start that is set": Case(
        files={
            "requirements.txt": "fastapi\n",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "Procfile": "web: uvicorn main:app\n",
        },
        asked=BuildSettings(start=("python", "-m", "serve")),
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with python -m serve",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "lines that are set": Case(
        files={"requirements.txt": "flask\ngunicorn\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
        asked=BuildSettings(install="make install", build="make assets", port=5000),
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="make install",
        build="make assets",
        port=5000,
    ),
    "packages of Debian": Case(
        files={
            "requirements.txt": "flask\ngunicorn\npyodbc\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        asked=BuildSettings(packages=("ffmpeg",)),
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        packages=["ffmpeg", "unixodbc"],
    ),
    "a package by the name that Debian 13 has for it": Case(
        files={"requirements.txt": "flask\ngunicorn\npython-ldap\n", ".python-version": "3.13", "app.py": FLASK},
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        packages=["libldap2", "libsasl2-2"],
    ),
    "a package by the name that Debian 12 has for it": Case(
        files={"requirements.txt": "flask\ngunicorn\npython-ldap\n", ".python-version": "3.11", "app.py": FLASK},
        summary="Python 3.11, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.11", f"{OURS}python:3.11"],
        install="uv pip install --requirement requirements.txt",
        packages=["libldap-2.5-0", "libsasl2-2"],
    ),
    "package.json beside django": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
            "package.json": '{"scripts":{"build":"vite build"}}',
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        ],
    ),
    "broken sources are passed over": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "def (:",
            "wsgi.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in wsgi.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * wsgi:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "applications of tests are not served": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "tests/app.py": "from flask import Flask\napp = Flask(__name__)\n",
            "shop/web.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in shop/web.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.web:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "requirements for tools beside package.json": Case(
        files={"requirements.txt": "pre-commit\n", "package.json": '{"scripts":{"start":"node a.js"}}', "a.js": ""},
        summary="Node 24, starts with node a.js",
        images=[f"{OURS}node-build:24", f"{OURS}node:24"],
    ),
}

REFUSED = {
    "requirements and nothing that starts": (
        {"requirements.txt": "requests\n"},
        "requirements.txt was found, and nothing that starts: no main.py or app.py, no manage.py, no application of a framework that is known. Set start, such as python -m shop, or add a Procfile with the line `web: …`.",
    ),
    "a framework without its application": (
        {"requirements.txt": "flask\n", "shop/models.py": ""},
        "requirements.txt was found, and nothing that starts: no main.py or app.py, no manage.py, no application of a framework that is known. Set start, such as python -m shop, or add a Procfile with the line `web: …`.",
    ),
    "packages with odd names": (
        {"requirements.txt": "", "app.py": ""},
        "build.apt names 'a b', which is no name of a Debian package. Write names as on packages.debian.org, such as libpq5.",
    ),
}
