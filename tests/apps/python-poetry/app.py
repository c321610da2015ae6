import bottle

app = bottle.Bottle()


@app.get("/")
def home() -> str:
    return "served by Bottle"
