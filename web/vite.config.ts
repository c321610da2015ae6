import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./scripts/precompress.ts";

/** Where `npm run dev` finds a control plane; the built dashboard is served by the control plane itself. */
const controlPlane = process.env.WH_DASHBOARD_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env.WH_DASHBOARD_OUT ?? "../cp/wisehosting_cp/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // One small file: a stylesheet lost on its way would take the page that waits for it along.
    cssCodeSplit: false,
    target: "es2023",
    manifest: true,
    rolldownOptions: {
      output: {
        // A file for each thing two pages share would cost a first visit a round trip each.
        codeSplitting: {
          groups: [
            {
              name: "vendor",
              test: /node_modules[\\/](?:react|react-dom|scheduler|use-sync-external-store|openapi-fetch|@tanstack[\\/].*|lucide-react[\\/]dist[\\/]esm(?![\\/]icons).*)[\\/]/,
            },
            {
              name: "page",
              test: /src[\\/](?:lib[\\/](?:client|clock|early|problem|queries|idle)|components[\\/]ui[\\/](?:notice|button|calm))\b/,
            },
          ],
        },
      },
    },
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: "127.0.0.1",
    port: 18610,
    proxy: { "/api": controlPlane, "/auth": controlPlane },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
