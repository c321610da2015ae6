/** What one sees of a log, as it stands in the address: a link opens the same view. */

/** A line by its number, and by its instance where several write. */
export type LineRef = { instance: string | null; n: number };
/** Both ends included; the same line twice is one line. */
export type LineRange = { from: LineRef; to: LineRef };

export type LogAddress = {
  query: string;
  /** The match one stands at. */
  match: LineRef | null;
  wrap: boolean;
  follow: boolean;
  /** The lines chosen. */
  lines: LineRange | null;
  /** The first line seen when it does not follow. */
  top: LineRef | null;
  /** Only these instances; none means all. */
  instances: string[];
  /** Only these streams; none means all. */
  streams: string[];
  /** Only this step of a build. */
  step: number | null;
};

export const STREAMS = ["stdout", "stderr", "platform"];
export const PLAIN: LogAddress = {
  query: "",
  match: null,
  wrap: false,
  follow: true,
  lines: null,
  top: null,
  instances: [],
  streams: [],
  step: null,
};

const LONGEST = 500;
const INSTANCE = /^[0-9a-zA-Z-]{1,64}$/;
const REF = /^(?:([0-9a-zA-Z-]{1,64}):)?([1-9][0-9]{0,15})$/;
const OURS = ["q", "match", "wrap", "follow", "line", "top", "instance", "stream", "step"];

export function sameRef(one: LineRef | null, other: LineRef | null): boolean {
  return one === other || (one !== null && one.n === other?.n && one.instance === other.instance);
}

export function printRef({ instance, n }: LineRef): string {
  return instance === null ? String(n) : `${instance}:${n}`;
}

export function parseRef(text: string): LineRef | null {
  const found = REF.exec(text);
  const n = Number(found?.[2]);
  return found && Number.isSafeInteger(n) ? { instance: found[1] ?? null, n } : null;
}

/** `120`, `120..140`; `web-1:120..140` stays in one instance, `web-1:120..web-2:7` does not. */
export function printRange({ from, to }: LineRange): string {
  if (sameRef(from, to)) return printRef(from);
  return `${printRef(from)}..${from.instance === to.instance ? to.n : printRef(to)}`;
}

export function parseRange(text: string): LineRange | null {
  const [first = "", second, ...more] = text.split("..");
  const from = parseRef(first);
  if (!from || more.length > 0) return null;
  const end = second === undefined ? from : parseRef(second);
  if (!end) return null;
  return { from, to: end.instance === null ? { ...end, instance: from.instance } : end };
}

/** What a click on a line chooses: it alone; with shift from the line chosen before to it. A second click lets go. */
export function chosenBy(before: LineRange | null, line: LineRef, shift: boolean): LineRange | null {
  if (shift && before) return { from: before.from, to: line };
  const alone = before !== null && sameRef(before.from, before.to) && sameRef(before.from, line);
  return alone ? null : { from: line, to: line };
}

/** Where a link that names a line leads, whoever looks stops following. */
const followsUnsaid = (address: Pick<LogAddress, "lines" | "top" | "match">): boolean =>
  address.lines === null && address.top === null && address.match === null;

const list = (text: string | null, known: (part: string) => boolean): string[] => [
  ...new Set((text ?? "").split(",").filter(known)),
];

/** Reads the search part of an address. What it does not understand it leaves out: an address is anybody's to write. */
export function readAddress(search: string): LogAddress {
  const params = new URLSearchParams(search);
  const lines = parseRange(params.get("line") ?? "");
  const query = (params.get("q") ?? "").slice(0, LONGEST);
  const match = query === "" ? null : parseRef(params.get("match") ?? "");
  const top = parseRef(params.get("top") ?? "");
  const said = params.get("follow");
  const follow = said === null ? followsUnsaid({ lines, top, match }) : said !== "0";
  const step = parseRef(params.get("step") ?? "");
  return {
    query,
    match,
    wrap: params.get("wrap") === "1",
    follow,
    lines,
    top: follow ? null : top,
    instances: list(params.get("instance"), (part) => INSTANCE.test(part)),
    streams: list(params.get("stream"), (part) => STREAMS.includes(part)),
    step: step?.instance === null ? step.n : null,
  };
}

/** The search part with this view in it, with its question mark; what others put there stays. */
export function writeAddress(search: string, address: LogAddress): string {
  const params = new URLSearchParams(search);
  for (const name of OURS) params.delete(name);
  const top = address.follow ? null : address.top;
  const match = address.query === "" ? null : address.match;
  const put = (name: string, value: string) => value !== "" && params.set(name, value);
  put("q", address.query.slice(0, LONGEST));
  put("match", match ? printRef(match) : "");
  put("wrap", address.wrap ? "1" : "");
  put("line", address.lines ? printRange(address.lines) : "");
  put("top", top ? printRef(top) : "");
  put("instance", address.instances.join(","));
  put("stream", address.streams.join(","));
  put("step", address.step === null ? "" : String(address.step));
  if (address.follow !== followsUnsaid({ lines: address.lines, top, match }))
    params.set("follow", address.follow ? "1" : "0");
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
