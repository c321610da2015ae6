import { existsSync, readFileSync } from "node:fs";
import Fastify from "fastify";

const { mark } = JSON.parse(readFileSync("built.json", "utf8"));
const pruned = !existsSync("node_modules/nanoid");
const app = Fastify();
app.get("/", async () => (mark && pruned ? "served by Fastify" : "what only the build needed is still there"));
await app.listen({ host: "0.0.0.0", port: Number(process.env.PORT) });
process.on("SIGTERM", () => app.close());
