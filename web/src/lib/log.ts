/** The lines of an open log: in order, once each, gaps kept visible, bounded in memory. */
import type { LineRef } from "./log-address";

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
/** Characters of a line that a page shows; a longer one says so. */
export const MAX_SHOWN = 8_000;

type Wire = Record<string, unknown>;
const number = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
const string = (value: unknown): string | null => (typeof value === "string" ? value : null);

export class LogBuffer {
  rows: LogRow[] = [];
  /** Rows let go at the front, oldest first. */
  forgotten = 0;
  /** Who wrote: instance to process, in the order they were first heard of. */
  readonly writers = new Map<string, string>();
  readonly streams = new Set<string>();
  private key = 0;
  private readonly last = new Map<string, number>();
  private readonly max: number;

  constructor(max: number = MAX_ROWS) {
    this.max = max;
  }

  get full(): boolean {
    return this.rows.length >= this.max;
  }

  /** Takes one `line` event. A line already had (a resumed stream may repeat) changes nothing. */
  line(body: Wire): boolean {
    const instance = string(body.instance);
    const n = number(body.n, 0);
    const last = this.last.get(instance ?? "");
    if (last !== undefined && n <= last) return false;
    this.last.set(instance ?? "", n);
    const process = string(body.process);
    if (instance !== null && !this.writers.has(instance)) this.writers.set(instance, process ?? "");
    const stream = string(body.stream) ?? "stdout";
    this.streams.add(stream);
    this.add({
      kind: "line",
      key: this.next(),
      n,
      at: Date.parse(string(body.at) ?? ""),
      stream,
      step: number(body.step, 0),
      text: string(body.text) ?? "",
      instance,
      process,
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
    this.add({ kind: "gap", key: this.next(), count, instance });
    return true;
  }

  /** What to show now: a new array, so that readers see the change. */
  settle(): LogRow[] {
    if (this.rows.length > this.max) this.trim();
    return this.rows.slice();
  }

  private next(): number {
    this.key += 1;
    return this.key;
  }

  private add(row: LogRow): void {
    this.rows.push(row);
    // In a hidden tab nothing settles: the bound must hold without it.
    if (this.rows.length > this.max * 1.2) this.trim();
  }

  /** A tenth more than needed, so that this is not paid on every line. */
  private trim(): void {
    const drop = Math.min(this.rows.length, this.rows.length - this.max + Math.floor(this.max / 10));
    this.forgotten += drop;
    this.rows = this.rows.slice(drop);
  }
}

/** The name of a line that stays the same wherever the log is opened. */
export const refOf = (row: LogLine): LineRef => ({ instance: row.instance, n: row.n });
