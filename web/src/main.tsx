import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./tokens.css";
import "./base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { newRouter } from "./app/router";
import { newQueryClient, sessionQuery } from "./lib/queries";

// A stylesheet lost on its way is asked for once more: scripts wait for it, so one that is not there now failed.
for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
  if (!link.sheet) link.replaceWith(link.cloneNode());
}

const queryClient = newQueryClient();
// Asked for while the page is still being made: every page waits for it.
void queryClient.prefetchQuery(sessionQuery);
const router = newRouter(queryClient);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
