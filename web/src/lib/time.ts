/** Times, durations and sizes in words. All take numbers, so that they can be proven. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds as people say them: `0.4 s`, `12.4 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const value = Math.max(0, seconds);
  if (value < 99.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${String(whole % MINUTE).padStart(2, "0")} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** How long ago: `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`, then the date. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 14 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
  return new Date(then).toISOString().slice(0, 10);
}

/** Until when: `now`, `in 3 s`, `in 4 min`. */
export function ahead(then: number, now: number): string {
  const seconds = Math.ceil((then - now) / 1000);
  if (seconds <= 0) return "now";
  if (seconds < MINUTE) return `in ${seconds} s`;
  if (seconds < HOUR) return `in ${Math.ceil(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `in ${Math.ceil(seconds / HOUR)} h`;
  // Seven days that began a moment ago are seven, also by a clock that is a second off.
  return `in ${Math.round(seconds / DAY)} d`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `14:03:22` in the reader's own zone. */
export function clockTime(then: number): string {
  const date = new Date(then);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The exact moment for hovering: `2026-11-24 04:13:22 UTC`. */
export function exact(then: number): string {
  if (Number.isNaN(then)) return "";
  return `${new Date(then).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A day and minute to act until, in the reader's own zone, by its name: `2 December 2026, 18:03 CET`. */
export function moment(then: number): string {
  const date = new Date(then);
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const time = date.toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  return `${day}, ${time}`;
}

/** A count with its thousands apart: `12,345`. The browser's own way takes longer than to draw a whole list. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Bytes as people say them: `640 B`, `1.2 GB`, `24 GB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
