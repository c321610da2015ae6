// Runs before the first paint, so that no page flashes in the other theme (src/app/theme.ts reads the same key), and
// before the app's own script has come over the line: what the page waits for is asked for meanwhile, scripts of its own
// (scripts/early-scripts.ts) and answers (src/lib/early.ts).
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("wh-theme") || "system";
  } catch {
    // Storage may be forbidden; the system's choice then holds.
  }
  const dark =
    choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";

  for (const link of document.querySelectorAll("link[data-when]")) {
    if (new RegExp(link.dataset.when).test(location.pathname)) link.rel = "modulepreload";
    // One that stayed would be taken for a script that is on its way, when its page is asked for later.
    else link.remove();
  }

  const asked = {};
  const ask = (path) => {
    // Nobody may ever wait for it: then its failure is nobody's either.
    asked[path] = fetch(path, { headers: { Accept: "application/json" } }).catch(() => undefined);
  };
  ask("/api/v1/session");
  if (/^\/(projects)?$/.test(location.pathname)) ask("/api/v1/projects?limit=50");
  const one = /^\/(projects|deployments)\/[0-9a-f-]{36}(?=\/|$)/.exec(location.pathname);
  if (one) ask(`/api/v1${one[0]}`);
  window.askedEarly = asked;
})();
