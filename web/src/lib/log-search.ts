/** Searching and filtering rows as they come: each row is looked at once, however often one asks. */
import type { LogLine, LogRow } from "./log";
import { type LineRef, type LogAddress, sameRef } from "./log-address";
import { plain } from "./terminal";

/** The first index whose key is not below `key`; keys rise. */
export function indexOfKey(rows: readonly { key: number }[], key: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.key ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row of this key, when it is there. */
export function rowOf<Row extends { key: number }>(
  rows: readonly Row[],
  key: number | undefined,
): Row | undefined {
  if (key === undefined) return undefined;
  const row = rows[indexOfKey(rows, key)];
  return row?.key === key ? row : undefined;
}

/** Where `key` stands among rising keys, or would stand. */
export function placeOf(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keeps the keys of rows that contain the words. */
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
    const found: number[] = [];
    for (let at = indexOfKey(rows, this.seen + 1); at < rows.length; at += 1) {
      const row = rows[at];
      if (row?.kind === "line" && plain(row.text).toLowerCase().includes(wanted)) found.push(row.key);
    }
    this.seen = rows.at(-1)?.key ?? this.seen;
    const gone = placeOf(this.matches, first);
    if (found.length > 0 || gone > 0) this.matches = this.matches.slice(gone).concat(found);
    return this.matches;
  }
}

/** The match to go to: the next or the one before where one stands, around the end; at first the nearest one in sight. */
export function stepTo(matches: readonly number[], current: number | null, seen: number, by: 1 | -1): number {
  const count = matches.length;
  if (current === null) {
    const place = placeOf(matches, seen);
    return matches[(by === 1 ? place : place - 1 + count) % count] ?? 0;
  }
  const place = placeOf(matches, current);
  const here = matches[place] === current;
  const next = by === 1 ? (here ? place + 1 : place) : place - 1;
  return matches[(next + count) % count] ?? 0;
}

export type Wanted = Pick<LogAddress, "instances" | "streams" | "step">;

export function wanted(row: LogRow, { instances, streams, step }: Wanted): boolean {
  if (instances.length > 0 && (row.instance === null || !instances.includes(row.instance))) return false;
  // Nobody knows what was in a gap: it stays visible among the lines it stands between, but not inside a step.
  if (row.kind === "gap") return step === null;
  return (streams.length === 0 || streams.includes(row.stream)) && (step === null || row.step === step);
}

/** Keeps the rows that are wanted. A new filter is a new object. */
export class LogFilter {
  private rows: LogRow[] = [];
  private seen = 0;
  readonly all: boolean;
  private readonly by: Wanted;

  constructor(by: Wanted) {
    this.by = by;
    this.all = by.instances.length === 0 && by.streams.length === 0 && by.step === null;
  }

  update(rows: LogRow[]): LogRow[] {
    if (this.all) return rows;
    // The last row may be a gap that grew: it is looked at again.
    const from = Math.max(1, this.seen);
    const kept = this.rows.slice(indexOfKey(this.rows, rows[0]?.key ?? 0), indexOfKey(this.rows, from));
    const fresh = rows.slice(indexOfKey(rows, from)).filter((row) => wanted(row, this.by));
    this.seen = rows.at(-1)?.key ?? this.seen;
    this.rows = kept.concat(fresh);
    return this.rows;
  }
}

/** Finds the row of a line that a link names, as soon as it has come. */
export class LineFinder {
  private seen = 0;
  private ref: LineRef | null = null;
  private key: number | null = null;

  find(rows: LogRow[], ref: LineRef | null): number | null {
    if (!sameRef(ref, this.ref)) {
      this.ref = ref;
      this.seen = 0;
      this.key = null;
    }
    if (ref === null || this.key !== null) return this.key;
    const isIt = (row: LogRow | undefined): row is LogLine =>
      row?.kind === "line" && row.n === ref.n && row.instance === ref.instance;
    for (let at = indexOfKey(rows, this.seen + 1); at < rows.length && this.key === null; at += 1) {
      const row = rows[at];
      if (isIt(row)) this.key = row.key;
    }
    this.seen = rows.at(-1)?.key ?? this.seen;
    return this.key;
  }
}
