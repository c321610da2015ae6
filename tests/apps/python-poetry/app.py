import platform

import bottle

app = bottle.Bottle()


@app.get("/")
def home() -> str:
    return "served by Bottle"


@app.get("/version")
def version() -> str:
    return platform.python_version()
