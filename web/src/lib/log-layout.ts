/** Where rows stand, without asking the page: one line each, or wrapped as a terminal wraps. */
import { type LogRow, MAX_SHOWN } from "./log";
import { indexOfKey } from "./log-search";
import { plain } from "./terminal";

export const LINE = 18;
const BLOCK = 256;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/gu;

/** How many columns a text takes: wide characters two, a tab four. */
export function columns(text: string): number {
  let count = text.length;
  if (/^[\x20-\x7e]*$/.test(text)) return count;
  for (const found of text.match(WIDE) ?? []) count += 2 - found.length;
  return count + 3 * (text.split("\t").length - 1);
}

/** Heights of the rows at one width. `width` 0 means that nothing wraps. Another filter is another layout. */
export class RowLayout {
  private rows: LogRow[] = [];
  private lines: number[] = [];
  private blocks: number[] = [];
  private sum = 0;
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  get count(): number {
    return this.rows.length;
  }

  get total(): number {
    return (this.width === 0 ? this.rows.length : this.sum) * LINE;
  }

  /** Takes the rows as they are now: some gone at the front, some new at the end. */
  update(rows: LogRow[]): void {
    if (rows === this.rows) return;
    if (this.width > 0) {
      const gone = indexOfKey(this.rows, rows[0]?.key ?? Number.POSITIVE_INFINITY);
      if (gone > 0) {
        this.lines = this.lines.slice(gone);
        this.blocks = [];
        this.sum = 0;
        for (const [at, count] of this.lines.entries()) this.put(at, count);
      }
      for (let at = this.lines.length; at < rows.length; at += 1) {
        const count = this.linesOf(rows[at]);
        this.lines.push(count);
        this.put(at, count);
      }
    }
    this.rows = rows;
  }

  /** Pixels above the row. */
  offset(index: number): number {
    if (this.width === 0) return index * LINE;
    const block = Math.floor(index / BLOCK);
    let lines = 0;
    for (let at = 0; at < block; at += 1) lines += this.blocks[at] ?? 0;
    for (let at = block * BLOCK; at < index; at += 1) lines += this.lines[at] ?? 0;
    return lines * LINE;
  }

  /** The row at these pixels; the first or last one outside. */
  indexAt(pixels: number): number {
    const last = Math.max(0, this.rows.length - 1);
    let left = Math.floor(Math.max(0, pixels) / LINE);
    if (this.width === 0) return Math.min(last, left);
    let block = 0;
    while (block < this.blocks.length && left >= (this.blocks[block] ?? 0)) {
      left -= this.blocks[block] ?? 0;
      block += 1;
    }
    let at = block * BLOCK;
    while (at < last && left >= (this.lines[at] ?? 1)) {
      left -= this.lines[at] ?? 1;
      at += 1;
    }
    return Math.min(last, at);
  }

  private put(at: number, count: number): void {
    const block = Math.floor(at / BLOCK);
    this.blocks[block] = (this.blocks[block] ?? 0) + count;
    this.sum += count;
  }

  private linesOf(row: LogRow | undefined): number {
    if (row?.kind !== "line" || row.text.length <= this.width / 2) return 1;
    const text = plain(row.text.length > 2 * MAX_SHOWN ? row.text.slice(0, MAX_SHOWN) : row.text);
    return Math.max(1, Math.ceil(columns(text) / this.width));
  }
}
