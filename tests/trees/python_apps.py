"""Trees of Python applications, and the plans that follow."""

from stackcases import Case

OURS = "localhost/wisehosting/"

CASES = {
    "fastapi with uvicorn": Case(
        files={
            "requirements.txt": "fastapi==0.115\nuvicorn[standard]>=0.30\n",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        },
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "fastapi without a server": Case(
        files={"requirements.txt": "fastapi\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"},
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install uvicorn",
        notes=[
            "uvicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose."
        ],
    ),
    "fastapi with its command line": Case(
        files={
            "requirements.txt": "fastapi[standard]\nfastapi-cli\n",
            "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "app/__init__.py": "",
        },
        summary="Python 3.13, requirements.txt, FastAPI in app/main.py, starts with uvicorn app.main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "fastapi below src": Case(
        files={
            "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi", "uvicorn"]\n',
            "src/shop/__init__.py": "",
            "src/shop/main.py": "import fastapi\napi = fastapi.FastAPI(title='x')\n",
        },
        summary="Python 3.13, pyproject.toml, FastAPI in src/shop/main.py, starts with uvicorn shop.main:api --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement pyproject.toml",
        notes=["There is no lock file: each build may install other versions. Commit uv.lock, which `uv lock` writes."],
    ),
    "fastapi from a factory": Case(
        files={
            "requirements.txt": "fastapi\nuvicorn\n",
            "main.py": "from fastapi import FastAPI\ndef create_app(debug=False):\n    return FastAPI()\n",
        },
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with uvicorn main:create_app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips * --factory",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask with gunicorn": Case(
        files={
            "requirements.txt": "Flask==3.0\ngunicorn\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask without a server": Case(
        files={"requirements.txt": "flask\n", "wsgi.py": "from flask import Flask\napplication = Flask(__name__)\n"},
        summary="Python 3.13, requirements.txt, Flask in wsgi.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install gunicorn",
        notes=[
            "gunicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose."
        ],
    ),
    "flask from a factory": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "shop/__init__.py": "import flask\ndef create_app(config=None):\n    app = flask.Flask(__name__)\n    return app\n",
        },
        summary="Python 3.13, requirements.txt, Flask in shop/__init__.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop:create_app()",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask with a factory that is called": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "run.py": "from shop import create_app\napp = create_app()\n",
            "shop/__init__.py": "import flask\ndef create_app():\n    return flask.Flask(__name__)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in run.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * run:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask and waitress": Case(
        files={"requirements.txt": "flask\nwaitress\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with waitress-serve --port=8080 app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "flask whose app is made inside main": Case(
        files={
            "requirements.txt": "flask\n",
            "main.py": "import flask\nif __name__ == '__main__':\n    flask.Flask('x').run()\n",
        },
        summary="Python 3.13, requirements.txt, starts with python main.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "Flask is a dependency, and no application of it was found at the top of a module: main.py is started as a program."
        ],
    ),
    "django": Case(
        files={
            "requirements.txt": "Django>=5\ngunicorn\nwhitenoise\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "STATIC_ROOT = BASE_DIR / 'static'\n",
            "shop/wsgi.py": "",
            "shop/asgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        build="python manage.py collectstatic --no-input",
    ),
    "django without gunicorn or static files": Case(
        files={
            "requirements.txt": "django\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt && uv pip install gunicorn",
        notes=[
            "gunicorn is not among the dependencies and serves the app, so it is installed beside them. Add it to them, and its version is yours to choose.",
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise.",
        ],
    ),
    "django with channels": Case(
        files={
            "requirements.txt": "django\nchannels\ndaphne\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings/base.py": "STATIC_ROOT = 'x'\n",
            "shop/wsgi.py": "",
            "shop/asgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with daphne --bind 0.0.0.0 --port 8080 shop.asgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        build="python manage.py collectstatic --no-input",
        notes=[
            "Static files are collected into STATIC_ROOT, and whitenoise, which serves them, is not among the dependencies."
        ],
    ),
    "django with settings in a package of their own": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.conf.production'\n",
            "shop/conf/production.py": "from .base import *\n",
            "shop/conf/base.py": "STATIC_ROOT = BASE_DIR / 'static'\n",
            "shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        build="python manage.py collectstatic --no-input",
        notes=[
            "Static files are collected into STATIC_ROOT, and whitenoise, which serves them, is not among the dependencies."
        ],
    ),
    "django in a folder": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "backend/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "backend/shop/settings.py": "",
            "backend/shop/wsgi.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in backend/manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * shop.wsgi:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "STATIC_ROOT is not set, so that static files are not collected. Set it, and serve them with whitenoise."
        ],
    ),
    "django with a Procfile": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
            "shop/settings.py": "",
            "shop/wsgi.py": "",
            "Procfile": "release: python manage.py migrate\nweb: gunicorn shop.wsgi --workers 3\nworker: celery -A shop worker\n",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, a Procfile, starts with gunicorn shop.wsgi --workers 3",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=[
            "The Procfile's release line is not run: there is no release phase yet. Begin the web line with what must happen before the program starts.",
            "The Procfile's worker line is not run: processes beside web come with a later release.",
        ],
        processes={"worker": ["sh", "-c", "exec celery -A shop worker"]},
    ),
    "a streamlit page": Case(
        files={"requirements.txt": "streamlit\n", "app.py": "import streamlit"},
        summary="Python 3.13, requirements.txt, Streamlit in app.py, starts with streamlit run app.py --server.port 8080 --server.address 0.0.0.0 --server.headless true",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "gradio": Case(
        files={"requirements.txt": "gradio\n", "app.py": ""},
        summary="Python 3.13, requirements.txt, Gradio in app.py, starts with python app.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "dash": Case(
        files={
            "requirements.txt": "dash\ngunicorn\n",
            "app.py": "import dash\napp = dash.Dash(__name__)\nserver = app.server\n",
        },
        summary="Python 3.13, requirements.txt, Dash in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:server",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "starlette under hypercorn": Case(
        files={
            "requirements.txt": "starlette\nhypercorn\n",
            "main.py": "from starlette.applications import Starlette\napp = Starlette()\n",
        },
        summary="Python 3.13, requirements.txt, Starlette in main.py, starts with hypercorn --bind 0.0.0.0:8080 main:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "litestar": Case(
        files={
            "requirements.txt": "litestar\nuvicorn\n",
            "app.py": "from litestar import Litestar\napp = Litestar([])\n",
        },
        summary="Python 3.13, requirements.txt, Litestar in app.py, starts with uvicorn app:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "quart": Case(
        files={"requirements.txt": "quart\nhypercorn\n", "app.py": "from quart import Quart\napp = Quart(__name__)\n"},
        summary="Python 3.13, requirements.txt, Quart in app.py, starts with hypercorn --bind 0.0.0.0:8080 app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "falcon": Case(
        files={"requirements.txt": "falcon\ngunicorn\n", "app.py": "import falcon\napi = falcon.App()\n"},
        summary="Python 3.13, requirements.txt, Falcon in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:api",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a plain program": Case(
        files={"main.py": "print(1)"},
        summary="Python 3.13, starts with python main.py",
        images=[f"{OURS}python:3.13"],
    ),
    "a program with requirements": Case(
        files={"requirements.txt": "requests\n# a comment\n-r more.txt\n", "more.txt": "httpx\n", "bot.py": ""},
        summary="Python 3.13, requirements.txt, starts with python bot.py",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "a package that is run": Case(
        files={"requirements.txt": "requests\n", "worker/__init__.py": "", "worker/__main__.py": ""},
        summary="Python 3.13, requirements.txt, starts with python -m worker",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "uv": Case(
        files={
            "pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.12"\ndependencies = ["fastapi>=0.1", "uvicorn"]\n',
            "uv.lock": "version = 1\n",
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        },
        summary="Python 3.13, uv, FastAPI in main.py, starts with uvicorn main:app --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv sync --locked --no-dev --no-install-project",
    ),
    "django without a module for servers": Case(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', os.getenv('SETTINGS', 'shop.settings'))\n",
            "shop/settings.py": "",
        },
        summary="Python 3.13, requirements.txt, Django in manage.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * django.core.wsgi:get_wsgi_application()",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
        notes=["STATIC_ROOT is not set"],
    ),
    "an application that is made in a condition": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "try:\n    import flask\nexcept ImportError:\n    raise\nelse:\n    app = flask.Flask('a')\nif __name__ == '__main__':\n    other = flask.Flask('b')\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:app",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "an application that a function of the module makes": Case(
        files={
            "requirements.txt": "fastapi\nuvicorn\n",
            "main.py": "from fastapi import FastAPI\ndef start(debug):\n    return FastAPI(debug=debug)\nservice = start(False)\n",
        },
        summary="Python 3.13, requirements.txt, FastAPI in main.py, starts with uvicorn main:service --host 0.0.0.0 --port 8080 --proxy-headers --forwarded-allow-ips *",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
    "an application that is wrapped": Case(
        files={
            "requirements.txt": "flask\ngunicorn\n",
            "app.py": "from flask import Flask\nclient = Test(Flask('a'))\napplication = ProxyFix(Flask('a'), x_for=1)\n",
        },
        summary="Python 3.13, requirements.txt, Flask in app.py, starts with gunicorn --access-logfile - --forwarded-allow-ips * app:application",
        images=[f"{OURS}python-build:3.13", f"{OURS}python:3.13"],
        install="uv pip install --requirement requirements.txt",
    ),
}
