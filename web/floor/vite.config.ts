import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precompress } from "../scripts/precompress.ts";

/** Built beside the dashboard, so that the control plane serves both alike. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/floor/",
  plugins: [react(), precompress()],
  build: {
    outDir: fileURLToPath(new URL("../../cp/wisehosting_cp/web/floor", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    manifest: true,
  },
});
