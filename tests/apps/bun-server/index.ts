import { Hono } from "hono";

const app = new Hono();
app.get("/", (context) => context.text("served by Bun"));

export default { port: process.env.PORT, hostname: "0.0.0.0", fetch: app.fetch };
