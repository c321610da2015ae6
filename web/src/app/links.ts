/** All links within the dashboard: a click is shown before the next page is made, and a pointer over one prepares it. */
import { useRouter } from "@tanstack/react-router";
import { type MouseEvent, type PointerEvent, useMemo } from "react";
import { afterPaint } from "@/lib/idle";

/** A pointer that only passes asks for nothing. */
const INTENT_MS = 50;
/** Addresses that the server answers itself. */
const SERVED = /^\/(?:api|auth)\//;

function innerLink(target: EventTarget): HTMLAnchorElement | null {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href^='/']") : null;
  if (!link || link.target || link.hasAttribute("download") || SERVED.test(link.pathname)) return null;
  return link;
}

const plain = (event: MouseEvent) =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.altKey && !event.shiftKey;

/** Handlers for the element around all pages. A link with `data-replace` leaves no step to go back to. */
export function useLinks() {
  const router = useRouter();
  return useMemo(() => {
    let over: HTMLAnchorElement | null = null;
    let intent: ReturnType<typeof setTimeout> | undefined;
    return {
      onClickCapture: (event: MouseEvent) => {
        const link = innerLink(event.target);
        if (!link || event.defaultPrevented || !plain(event)) return;
        event.preventDefault();
        const href = link.getAttribute("href") ?? "/";
        const replace = link.dataset.replace !== undefined;
        link.dataset.going = "";
        afterPaint(() => {
          delete link.dataset.going;
          void router.navigate({ href, replace });
        });
      },
      onPointerOver: (event: PointerEvent) => {
        const link = innerLink(event.target);
        if (link === over) return;
        over = link;
        clearTimeout(intent);
        if (!link) return;
        const to = link.pathname as "/";
        intent = setTimeout(() => void router.preloadRoute({ to }), INTENT_MS);
      },
    };
  }, [router]);
}
