import { startTransition, useEffect, useState } from "react";

/** Loads a part of the page that nobody needs to see it, once what is seen has been painted. */
export function whenIdle<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return () =>
    new Promise((resolve) => {
      const begin = () => resolve(load());
      // Safari has no idle callbacks; a browser that is never idle loads it after all.
      if ("requestIdleCallback" in window) window.requestIdleCallback(begin, { timeout: 1500 });
      else setTimeout(begin, 200);
    });
}

/** Runs it when what was drawn last is in sight: a press is seen before its work begins. */
export function afterPaint(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run));
}

/** Whether what was drawn first is in sight. What is made by then holds it up: also deferred work comes before a frame. */
export function usePainted(): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => afterPaint(() => startTransition(() => setPainted(true))), []);
  return painted;
}
