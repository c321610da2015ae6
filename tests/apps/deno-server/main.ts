import { Hono } from "hono";

const app = new Hono();
app.get("/", (context) => context.text("served by Deno"));

Deno.serve({ port: Number(Deno.env.get("PORT")) }, app.fetch);
