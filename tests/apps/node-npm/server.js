const express = require("express");

const app = express();
app.get("/", (request, response) => response.send("served by Express"));
app.get("/version", (request, response) => response.send(process.version));
const server = app.listen(process.env.PORT);
process.on("SIGTERM", () => server.close());
