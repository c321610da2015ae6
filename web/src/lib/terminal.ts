// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters

/** What programs write for terminals, cut down to what a page may show. */

/**
 * Control sequences; strings that end (titles and links of OSC, device control, privacy messages); short escapes; then
 * any control character that is left. A string without an end loses only its introducer: it must not hide a line.
 */
const SEQUENCES =
  /\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]+[0-~]|\x1b[0-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const COLOUR = /^\x1b\[[0-9;]*m$/;
const CUT = /\x1b[^a-zA-Z]{0,40}$/;

/** The text without colours and control characters: for searching and for copies. */
export function plain(text: string): string {
  return text.replace(SEQUENCES, "");
}

/**
 * Leaves only colours (SGR) of the sequences, in at most `most` characters; a carriage return starts the line anew, as
 * a terminal would show.
 */
export function coloursOnly(text: string, most: number = Number.POSITIVE_INFINITY): string {
  const shown = text.endsWith("\r") ? text.replace(/\r+$/, "") : text;
  const last = shown.lastIndexOf("\r");
  const line = last < 0 ? shown : shown.slice(last + 1);
  const cut = line.length > most ? line.slice(0, most).replace(CUT, "") : line;
  return cut.replace(SEQUENCES, (sequence) => (COLOUR.test(sequence) ? sequence : ""));
}
