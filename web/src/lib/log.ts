import { plain } from "./terminal";

/** The lines of an open log: in order, once each, gaps kept visible, bounded in memory. */

export type LogLine = {
  kind: "line";
  key: number;
  n: number;
  at: number;
  stream: string;
  step: number;
  text: string;
  instance: string | null;
  process: string | null;
};

export type LogGap = { kind: "gap"; key: number; count: number; instance: string | null };
export type LogRow = LogLine | LogGap;

/** Rows kept in the browser; the download has all. */
export const MAX_ROWS = 50_000;

type Wire = Record<string, unknown>;
const number = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
const string = (value: unknown): string | null => (typeof value === "string" ? value : null);

export class LogBuffer {
  rows: LogRow[] = [];
  /** Rows let go at the front, oldest first. */
  forgotten = 0;
  private key = 0;
  private readonly last = new Map<string, number>();
  private readonly max: number;

  constructor(max: number = MAX_ROWS) {
    this.max = max;
  }

  /** Takes one `line` event. A line already had (a resumed stream may repeat) changes nothing. */
  line(body: Wire): boolean {
    const instance = string(body.instance);
    const n = number(body.n, 0);
    const last = this.last.get(instance ?? "");
    if (last !== undefined && n <= last) return false;
    this.last.set(instance ?? "", n);
    this.key += 1;
    this.rows.push({
      kind: "line",
      key: this.key,
      n,
      at: Date.parse(string(body.at) ?? ""),
      stream: string(body.stream) ?? "stdout",
      step: number(body.step, 0),
      text: string(body.text) ?? "",
      instance,
      process: string(body.process),
    });
    return true;
  }

  /** Takes one `gap` event: lines `from` to `to` (both included) are lost. */
  gap(body: Wire): boolean {
    const instance = string(body.instance);
    const from = number(body.from, 0);
    const to = number(body.to, from - 1);
    const last = this.last.get(instance ?? "");
    const start = last === undefined ? from : Math.max(from, last + 1);
    const count = to - start + 1;
    if (count <= 0) return false;
    this.last.set(instance ?? "", to);
    const before = this.rows.at(-1);
    if (before?.kind === "gap" && before.instance === instance) {
      this.rows[this.rows.length - 1] = { ...before, count: before.count + count };
      return true;
    }
    this.key += 1;
    this.rows.push({ kind: "gap", key: this.key, count, instance });
    return true;
  }

  /** Lets the oldest rows go when there are too many; a new array, so that readers see the change. */
  settle(): LogRow[] {
    const surplus = this.rows.length - this.max;
    if (surplus > 0) {
      // A tenth more than needed, so that this is not paid on every line.
      const drop = Math.min(this.rows.length, surplus + Math.floor(this.max / 10));
      this.forgotten += drop;
      this.rows = this.rows.slice(drop);
    } else this.rows = this.rows.slice();
    return this.rows;
  }
}

/** Keeps the keys of rows that contain the words, looking at each row once however often it is asked. */
export class LogSearch {
  matches: number[] = [];
  private query = "";
  private seen = 0;

  /** The matching row keys among `rows`, in order. Case does not count. An empty query matches nothing. */
  update(rows: LogRow[], query: string): number[] {
    const wanted = query.toLowerCase();
    const first = rows[0]?.key ?? 0;
    if (wanted !== this.query) {
      this.query = wanted;
      this.matches = [];
      this.seen = 0;
    }
    if (wanted === "") return this.matches;
    let fresh = rows.length;
    while (fresh > 0 && (rows[fresh - 1]?.key ?? 0) > this.seen) fresh -= 1;
    const found: number[] = [];
    for (const row of rows.slice(fresh)) {
      if (row.kind === "line" && plain(row.text).toLowerCase().includes(wanted)) found.push(row.key);
    }
    this.seen = rows.at(-1)?.key ?? this.seen;
    if (found.length > 0 || (this.matches[0] ?? first) < first) {
      this.matches = this.matches.filter((key) => key >= first).concat(found);
    }
    return this.matches;
  }
}
