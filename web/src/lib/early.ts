/** What `public/start.js` asked for while this script was still on its way. */
declare global {
  interface Window {
    askedEarly?: Record<string, Promise<Response | undefined>>;
  }
}

/** Returns the answer to a question that was asked early, once; undefined for all others and for one that got lost. */
export async function askedEarly(request: Request): Promise<Response | undefined> {
  const asked = typeof window === "undefined" ? undefined : window.askedEarly;
  if (!asked || request.method !== "GET") return undefined;
  const { pathname, search } = new URL(request.url);
  const answer = asked[pathname + search];
  delete asked[pathname + search];
  return answer;
}
