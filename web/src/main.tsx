import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./tokens.css";
import "./base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { newRouter } from "./app/router";
import { firstAnswers } from "./lib/first-answers";
import { newQueryClient } from "./lib/queries";

/** What takes longer than this is waited for with the page in sight. */
const PATIENCE_MS = 300;

// A stylesheet lost on its way is asked for once more: scripts wait for it, so one that is not there now failed.
for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
  if (!link.sheet) link.replaceWith(link.cloneNode());
}

const queryClient = newQueryClient();
const router = newRouter(queryClient);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
const page = createRoot(root);

// Drawn once with what was asked for early, instead of piece by piece with each answer.
void Promise.race([
  Promise.all([firstAnswers(queryClient), router.load()]),
  new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
]).finally(() =>
  page.render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  ),
);
