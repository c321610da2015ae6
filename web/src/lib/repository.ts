/** What a repository's address says by itself. */

/** Names the platform accepts: begins with a letter; small letters, digits, dashes; 39 characters. */
export const PROJECT_NAME = /^[a-z][a-z0-9-]{0,38}$/;

/** A name for the project, from the last part of its address: `https://host/me/My_App.git` gives `my-app`. */
export function nameFromUrl(url: string): string {
  const path = url
    .trim()
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "");
  const last = path.split(/[/:]/).at(-1) ?? "";
  if (!/[/:]/.test(path) || /^[a-z+]+:\/\/[^/]*$/i.test(path)) return "";
  return last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 39)
    .replace(/-+$/, "");
}

/** The name itself, or with the first number that nobody has: `app`, `app-2`, `app-3`. */
export function freeName(name: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  if (!used.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const candidate = `${name.slice(0, 35)}-${number}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** The address without user name and password, which have no place on a screen. */
export function withoutSecret(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, "$1");
}

export function shortHash(commit: string | null | undefined): string {
  return commit ? commit.slice(0, 7) : "";
}
