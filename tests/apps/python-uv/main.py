import platform

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> str:
    return "served by FastAPI"


@app.get("/version")
def version() -> str:
    return platform.python_version()
