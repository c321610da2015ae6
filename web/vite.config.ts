import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a control plane; the built dashboard is served by the control plane itself. */
const controlPlane = process.env.WH_DASHBOARD_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env.WH_DASHBOARD_OUT ?? "../cp/wisehosting_cp/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // One small file: a stylesheet lost on its way would take the page that waits for it along.
    cssCodeSplit: false,
    target: "es2023",
    manifest: true,
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: "127.0.0.1",
    port: 18610,
    proxy: { "/api": controlPlane, "/auth": controlPlane },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
