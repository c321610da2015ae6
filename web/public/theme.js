// Runs before the first paint so that no page flashes in the other theme. src/app/theme.ts reads the same key.
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
})();
