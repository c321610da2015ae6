import type { Plugin, Rolldown } from "vite";

/** Looks at the links, and stands before all that it would otherwise wait for. */
const START = '<script src="/start.js">';

/** Names of scripts whose import is only run later. */
interface Early {
  /** Asked for with every page. */
  always: string[];
  /** Asked for when the address matches the pattern. */
  pages: Record<string, string[]>;
}

/**
 * Lets the page ask at once for scripts that are imported while others run, instead of after them. Those of one page stand
 * in it as links that do nothing until `public/start.js` has looked at the address.
 */
export const earlyScripts = ({ always, pages }: Early): Plugin => ({
  name: "early-scripts",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle, chunk: entry }) => {
      const chunks = Object.values(bundle ?? {}).filter((each) => each.type === "chunk");
      const named = (name: string) => {
        const found = chunks.find((each) => each.name === name);
        if (!found) throw new Error(`no script of the build is called ${name}`);
        return found;
      };
      const there = withImports(entry ? [entry] : [], chunks);
      const missing = (names: string[]) =>
        [...withImports(names.map(named), chunks)].filter((file) => !there.has(file));

      const when = new Map<string, string[]>();
      for (const [address, names] of Object.entries(pages))
        for (const file of missing(names)) when.set(file, [...(when.get(file) ?? []), address]);
      const links = [...when].map(
        ([file, addresses]) => `<link data-when="${addresses.join("|")}" crossorigin href="/${file}">\n    `,
      );
      if (!html.includes(START)) throw new Error(`index.html has no ${START}`);
      return {
        html: html.replace(START, links.join("") + START),
        tags: missing(always).map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
          injectTo: "head" as const,
        })),
      };
    },
  },
});

function withImports(first: Rolldown.OutputChunk[], all: Rolldown.OutputChunk[]): Set<string> {
  const found = new Set<string>();
  const take = (chunk: Rolldown.OutputChunk) => {
    if (found.has(chunk.fileName)) return;
    found.add(chunk.fileName);
    for (const file of chunk.imports) for (const next of all) if (next.fileName === file) take(next);
  };
  first.forEach(take);
  return found;
}
