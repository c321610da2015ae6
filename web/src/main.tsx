import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./tokens.css";
import "./base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { newRouter } from "./app/router";
import { firstAnswers } from "./lib/first-answers";
import { newQueryClient } from "./lib/queries";

/** What takes longer than this is waited for with the page in sight. */
const PATIENCE_MS = 300;

// A stylesheet lost on its way is asked for once more: scripts wait for it, so one that is not there now failed.
for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
  if (!link.sheet) link.replaceWith(link.cloneNode());
}

// Half of all bytes: the rest is run while it is still on its way (scripts/early-scripts.ts asks for it at once).
const drawing = import("react-dom/client");

const queryClient = newQueryClient();
const router = newRouter(queryClient);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

// Drawn once with what was asked for early, instead of piece by piece with each answer.
void Promise.race([
  Promise.all([firstAnswers(queryClient), router.load()]),
  new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
]).finally(async () => {
  const { createRoot } = await drawing;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
});
