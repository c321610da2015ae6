"""Trees of Python in the ways people leave them: servers that come along, lists elsewhere, what settings leave open."""

from stackcases import Case

from wisehosting_stacks import BuildSettings

OURS = "localhost/wisehosting/"

CASES = {
    "fastapi with its extra that brings a server": Case(
        files={
            "requirements.txt": "fastapi[standard]>=0.115\n",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        },
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "poetry with an extra that brings a server": Case(
        files={
            "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = { extras = ["standard"], version = "*" }\n',
            "poetry.lock": "",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        },
        summary="Python 3.13, Poetry, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv tool run --with poetry-plugin-export poetry export --only main --output /tmp/requirements.txt && uv pip install --requirement /tmp/requirements.txt",
    ),
    "quart brings hypercorn": Case(
        files={"requirements.txt": "quart\n", "main.py": "from quart import Quart\napp = Quart(__name__)\n"},
        summary="Python 3.13, requirements.txt, Quart in main.py, starts with hypercorn --bind 0.0.0.0:8080 main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "apiflask brings flask": Case(
        files={
            "requirements.txt": "apiflask\ngunicorn\n",
            "main.py": "from apiflask import APIFlask\napp = APIFlask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in main.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "fastapi under granian": Case(
        files={"requirements.txt": "fastapi\ngranian\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"},
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with granian --interface asgi --host 0.0.0.0 --port 8080 main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask from a factory under granian": Case(
        files={
            "requirements.txt": "flask\ngranian\n",
            "app.py": "from flask import Flask\ndef create_app():\n    return Flask('a')\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with granian --interface wsgi --host 0.0.0.0 --port 8080 --factory app:create_app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "starlette under daphne": Case(
        files={
            "requirements.txt": "starlette\ndaphne\n",
            "main.py": "from starlette.applications import Starlette\napp = Starlette()\n",
        },
        summary="Python 3.13, requirements.txt, Starlette in main.py, starts with daphne --bind 0.0.0.0 --port 8080 main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a Procfile's server is installed": Case(
        files={
            "requirements.txt": "flask\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
            "Procfile": "web: WEB_CONCURRENCY=2 gunicorn app:app\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, a Procfile, starts with WEB_CONCURRENCY=2 gunicorn app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install gunicorn",
        notes=[
            "gunicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose."
        ],
    ),
    "a start's server is installed": Case(
        files={"requirements.txt": "fastapi\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"},
        asked=BuildSettings(start=("python", "-m", "uvicorn", "main:app")),
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with python -m uvicorn main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install uvicorn",
        notes=[
            "uvicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose."
        ],
    ),
    "a list in a folder": Case(
        files={
            "requirements/production.txt": "-r base.txt\ngunicorn\n",
            "requirements/base.txt": "django\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements/production.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements/production.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        ],
    ),
    "a list that a Windows editor saved": Case(
        files={
            "requirements.txt": "\ufeffflask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a lock file without its project": Case(
        files={
            "uv.lock": "",
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "uv.lock is not used, because there is no pyproject.toml beside it. Commit pyproject.toml too, or remove uv.lock."
        ],
    ),
    "setup.cfg alone": Case(
        files={
            "setup.cfg": "[options]\ninstall_requires =\n    flask\n    gunicorn\n",
            "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, setup.cfg, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install .",
    ),
    "setup.cfg with settings of tools": Case(
        files={"setup.cfg": "[flake8]\nmax-line-length = 100\n", "app.py": "import json\n"},
        summary="Python 3.13, starts with python app.py",
        images=[f"{OURS}python:3.13"],
    ),
    "a library of Debian that another package wants": Case(
        files={
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask", "gunicorn", "flask-weasyprint"]\n',
            "uv.lock": '[[package]]\nname = "weasyprint"\nversion = "62"\n',
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, uv, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev --no-install-project",
        packages=["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"],
    ),
    "a name of an environment is no version": Case(
        files={
            ".python-version": "shop-env-2\n",
            "requirements.txt": "",
            "pyproject.toml": '[project]\nname = "a"\nrequires-python = "<3.12"\n',
            "app.py": "",
        },
        summary="Python 3.11, requirements.txt, starts with python app.py",
        images=[f"{OURS}python-build:3.11", f"{OURS}python:3.11"],
        install="uv pip install --requirement requirements.txt",
    ),
    "another Python is no version": Case(
        files={".python-version": "pypy3.10\n", "requirements.txt": "", "app.py": ""},
        summary="Python 3.13, requirements.txt, starts with python app.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a setting that a project refuses": Case(
        files={
            ".python-version": "3.11",
            "pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.13"\n',
            "app.py": "",
        },
        asked=BuildSettings(version="3.12"),
        summary="Python 3.12, pyproject.toml, starts with python app.py",
        images=[f"{OURS}python-build:3.12", f"{OURS}python:3.12"],
        install="uv pip install --requirement pyproject.toml",
        notes=[
            "build.version asks for Python 3.12, and pyproject.toml, requires-python for >=3.13: Python 3.12 was taken. Make them agree, or a tool may refuse it."
        ],
    ),
    "django whose settings read the environment": Case(
        files={
            "requirements.txt": "django\ngunicorn\nwhitenoise\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "SECRET_KEY = os.environ['SECRET_KEY']\nDEBUG = os.environ.get('DEBUG')\nDATABASE = env.db('DATABASE_URL')\nSTATIC_ROOT = 'collected'\nALLOWED_HOSTS = ['example.org']\n",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        build="python manage.py collectstatic --no-input",
        notes=[
            "The settings read SECRET_KEY, DATABASE_URL from the environment, and static files are collected during the build: give the variables the scope build too. If it fails, the build goes on without the files and its log says why."
        ],
    ),
    "django that answers nobody": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "ALLOWED_HOSTS: list[str] = []  # later\n",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise.",
            "ALLOWED_HOSTS is empty: Django answers no visitor with it. Add the app's host name.",
        ],
    ),
    "django that answers somebody in production": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings/base.py": "ALLOWED_HOSTS = []\n",
            "shop/settings/production.py": "ALLOWED_HOSTS = ['example.org']\n",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        ],
    ),
    "django with an asgi module alone": Case(
        files={
            "requirements.txt": "django\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/asgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with uvicorn shop.asgi:application --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install uvicorn",
        notes=[
            "uvicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose.",
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise.",
        ],
    ),
    "django under waitress": Case(
        files={
            "requirements.txt": "django\nwaitress\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with waitress-serve --port=8080 shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        ],
    ),
    "django and no list": Case(
        files={
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install gunicorn",
        notes=[
            "gunicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose.",
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise.",
            "manage.py needs django, and no file says which packages are installed. Add a requirements.txt with a line for each.",
        ],
    ),
    "a page of streamlit by any name": Case(
        files={"requirements.txt": "streamlit\n", "dashboard.py": "import streamlit as st\n", "data.py": ""},
        summary="Python 3.13, requirements.txt, Streamlit in dashboard.py, starts with streamlit run dashboard.py --server.port 8080 --server.address 0.0.0.0 --server.headless true",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a program that listens on a port of its own": Case(
        files={
            "requirements.txt": "aiohttp\n",
            "server.py": "from aiohttp import web\nredis = Redis(host='localhost', port=6379)\nweb.run_app(app, port=5000)\n",
        },
        summary="Python 3.13, requirements.txt, starts with python server.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "server.py listens on port 5000, and visitors are brought to port 8080. Let it read the variable PORT, or write port = 5000 into wisehosting.toml."
        ],
    ),
    "a program that listens where nobody arrives": Case(
        files={
            "app.py": "from http.server import HTTPServer\nHTTPServer(('localhost', 8080), Handler).serve_forever()\n"
        },
        summary="Python 3.13, starts with python app.py",
        images=[f"{OURS}python:3.13"],
        notes=["app.py listens on localhost, which is reached from its own container only. Let it listen on 0.0.0.0."],
    ),
    "a program whose port is set": Case(
        files={"app.py": "from http.server import HTTPServer\nHTTPServer(('', 5000), Handler).serve_forever()\n"},
        asked=BuildSettings(port=5000),
        summary="Python 3.13, starts with python app.py",
        images=[f"{OURS}python:3.13"],
        port=5000,
    ),
    "a program that needs packages, and no list": Case(
        files={
            "app.py": "import json\nimport mine\nfrom flask import Flask\nimport numpy.linalg\napp = Flask('a')\n",
            "mine.py": "",
        },
        summary="Python 3.13, starts with python app.py",
        images=[f"{OURS}python:3.13"],
        notes=[
            "app.py needs flask, numpy, and no file says which packages are installed. Add a requirements.txt with a line for each."
        ],
    ),
}
