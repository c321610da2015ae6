import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { Plugin } from "vite";

/** Writes `x.js.br` beside `x.js`: as small as it gets, which is too slow to do for each request. */
export const precompress = (): Plugin => ({
  name: "precompress",
  apply: "build",
  async writeBundle({ dir }) {
    const folder = join(dir ?? "", "assets");
    for (const name of await readdir(folder)) {
      if (!/\.(?:js|css)$/.test(name)) continue;
      const path = join(folder, name);
      await writeFile(`${path}.br`, brotliCompressSync(await readFile(path)));
    }
  },
});
