import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { earlyScripts } from "./scripts/early-scripts.ts";
import { precompress } from "./scripts/precompress.ts";

/** Where `npm run dev` finds a control plane; the built dashboard is served by the control plane itself. */
const controlPlane = process.env.WH_DASHBOARD_API ?? "http://127.0.0.1:8000";

const ID = "[0-9a-f-]{36}";

export default defineConfig({
  plugins: [
    react(),
    earlyScripts({
      always: ["drawing"],
      pages: {
        "^/$": ["overview-page"],
        "^/projects$": ["projects-page"],
        [`^/projects/${ID}`]: ["project-page"],
        [`^/projects/${ID}$`]: ["overview-tab"],
        [`^/projects/${ID}/deployments`]: ["deployments-tab"],
        [`^/projects/${ID}/logs`]: ["logs-tab"],
        [`^/deployments/${ID}`]: ["deployment-page"],
      },
    }),
    precompress(),
  ],
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
              test: /node_modules[\\/](?:react|react-dom(?![\\/](?:client|cjs[\\/]react-dom-client))|use-sync-external-store|openapi-fetch|@tanstack[\\/].*|lucide-react[\\/]dist[\\/]esm(?![\\/]icons).*)[\\/]/,
            },
            {
              name: "drawing",
              test: /node_modules[\\/](?:react-dom[\\/](?:client|cjs[\\/]react-dom-client)|scheduler[\\/])/,
            },
            {
              name: "page",
              test: /src[\\/](?:lib[\\/](?:client|clock|early|problem|queries|idle|age|app-url|repository|words-(?:projects|running|deployments))|features[\\/](?:projects[\\/](?:commit|status-of|listing|app-url)|workers[\\/]disk-share|processes[\\/]instances|accounts[\\/]signed-out)|components[\\/]ui[\\/](?:notice|button|calm|rows|columns|table|status|page|app-url|age))\b/,
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
