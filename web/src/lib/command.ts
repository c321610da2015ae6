/** A command as people type it, and as the list of words that is started. */

/** What words alone cannot say: then a shell reads the line. */
const NEEDS_SHELL = /[$`;&|<>*?~(){}\n]|^\s*\w+=/;
/** A quotation, in which a shell would at most look for a variable. */
const QUOTED = /'[^']*'|\\.|"(?:[^"\\]|\\.)*"/gs;
/** A shell line that is more than one program, or begins with something that is none. */
const SEVERAL = /[;&|`]|\$\(|^(exec|cd|export|set|if|for|while)\b|^\w+=/;
const WORD = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)|(\s+)/gsy;

export class OpenQuotation extends Error {}

/** The words of a line, as a shell would part them. Throws OpenQuotation for a quotation without an end. */
function parted(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  for (const match of line.matchAll(WORD)) {
    const [all, double, single, escaped, plain, space] = match;
    at += all.length;
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + (double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? plain ?? "");
  }
  if (at < line.length) throw new OpenQuotation();
  if (word !== null) words.push(word);
  return words;
}

/** What is started for a typed line. The program itself gets the stop signal where the line is one program. */
export function argvOf(line: string): string[] {
  const words = parted(line);
  const text = line.trim();
  const bare = line.replace(QUOTED, (quoted) => (/^".*[$`]/s.test(quoted) ? "$" : ""));
  if (!NEEDS_SHELL.test(bare)) return words;
  return ["sh", "-c", SEVERAL.test(text) ? text : `exec ${text}`];
}

/** The line to show and edit for a command; typed again, it starts the same. */
export function lineOf(argv: readonly string[]): string {
  if (argv.length === 3 && argv[0] === "sh" && argv[1] === "-c") return (argv[2] ?? "").replace(/^exec /, "");
  return argv
    .map((word) =>
      word !== "" && !/[\s"'\\]/.test(word) && !NEEDS_SHELL.test(word)
        ? word
        : `'${word.replaceAll("'", `'\\''`)}'`,
    )
    .join(" ");
}
