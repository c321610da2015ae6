/** Reads a pasted .env file the way shells and the usual libraries do: comments, export, quotes, values over lines. */

export type DotenvEntry = { name: string; value: string };
export type DotenvMistake = { line: number; text: string };
export type Dotenv = { entries: DotenvEntry[]; mistakes: DotenvMistake[] };

/** What a variable may be called. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, (whole, letter: string) => ESCAPES[letter] ?? whole);
}

/** The index of the closing quote from `start`, or -1. Backslashes escape inside double quotes only. */
function closing(text: string, start: number, quote: string): number {
  for (let at = start; at < text.length; at += 1) {
    if (quote === '"' && text[at] === "\\") at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/** Parses the whole text. A later line of the same name wins. Lines that make no sense are reported, not guessed. */
export function parseDotenv(text: string): Dotenv {
  const entries = new Map<string, string>();
  const mistakes: DotenvMistake[] = [];
  const source = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const end = source.indexOf("\n", at) < 0 ? source.length : source.indexOf("\n", at);
    const whole = source.slice(at, end);
    const here = line;
    let next = end + 1;
    line += 1;
    const found = /^\s*(?:export\s+)?([^=\s#]+)\s*=[ \t]*/.exec(whole);
    if (found === null) {
      if (!/^\s*(#.*)?$/.test(whole)) mistakes.push({ line: here, text: whole.trim() });
      at = next;
      continue;
    }
    const name = found[1] ?? "";
    const start = at + found[0].length;
    const quote = source[start] ?? "";
    let value = source
      .slice(start, end)
      .replace(/(^|\s)#.*$/, "")
      .trim();
    if (quote === '"' || quote === "'" || quote === "`") {
      const close = closing(source, start + 1, quote);
      if (close < 0) {
        mistakes.push({ line: here, text: whole.trim() });
        at = next;
        continue;
      }
      const inner = source.slice(start + 1, close);
      value = quote === '"' ? withoutEscapes(inner) : inner;
      const after = source.indexOf("\n", close);
      next = after < 0 ? source.length : after + 1;
      line = here + source.slice(at, next).split("\n").length - 1;
    }
    if (VARIABLE_NAME.test(name)) entries.set(name, value);
    else mistakes.push({ line: here, text: whole.trim() });
    at = next;
  }
  return { entries: [...entries].map(([name, value]) => ({ name, value })), mistakes };
}
