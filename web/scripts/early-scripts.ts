import type { Plugin, Rolldown } from "vite";

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
    handler: (_html, { bundle, chunk: entry }) => {
      const chunks = Object.values(bundle ?? {}).filter((each) => each.type === "chunk");
      const named = (name: string) => {
        const found = chunks.find((each) => each.name === name);
        if (!found) throw new Error(`no script of the build is called ${name}`);
        return found;
      };
      const there = withImports(entry ? [entry] : [], chunks);
      const missing = (names: string[]) =>
        [...withImports(names.map(named), chunks)].filter((file) => !there.has(file));
      const link = (file: string, attrs: Record<string, string>) => ({
        tag: "link",
        attrs: { ...attrs, crossorigin: true, href: `/${file}` },
        injectTo: "head-prepend" as const,
      });
      return [
        ...Object.entries(pages).flatMap(([when, names]) =>
          missing(names).map((file) => link(file, { "data-when": when })),
        ),
        ...missing(always).map((file) => ({
          ...link(file, { rel: "modulepreload" }),
          injectTo: "head" as const,
        })),
      ];
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
