// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters

/** What programs write for terminals, cut down to what a page may show. */

/** Control sequences, operating system commands, short escapes, then any control character that is left. */
const SEQUENCES =
  /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]+[0-~]|\x1b[0-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f]/g;
const COLOUR = /^\x1b\[[0-9;]*m$/;

/** The text without colours and control characters: for searching and for the download. */
export function plain(text: string): string {
  return text.replace(SEQUENCES, "");
}

/** Leaves only colours (SGR) of the sequences; a carriage return starts the line anew, as a terminal would show. */
export function coloursOnly(text: string): string {
  const shown = text.replace(/\r+$/, "");
  const last = shown.lastIndexOf("\r");
  const line = last < 0 ? shown : shown.slice(last + 1);
  return line.replace(SEQUENCES, (sequence) => (COLOUR.test(sequence) ? sequence : ""));
}
