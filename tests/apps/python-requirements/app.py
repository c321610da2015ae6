import platform

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home() -> str:
    return "served by Flask"


@app.get("/version")
def version() -> str:
    return platform.python_version()
