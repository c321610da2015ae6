/** Which part of the audit log is shown, as the page's address says it. */
import type { auditWords } from "@/lib/words-audit";

export type Since = Exclude<keyof typeof auditWords.since, "">;
export type Wanted = { team?: string; action?: string; actor?: string; subject?: string; since?: Since };

/** As the API has it. */
export type Asked = { team?: string; action?: string; actor?: string; subject?: string; since?: string };

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PRINTED = /^[ -~]+$/;
const LONGEST = { action: 60, actor: 80, subject: 120 };
const DAYS: Record<Since, number> = { "1d": 1, "7d": 7, "30d": 30 };

/** What an address asks for; what cannot be asked is left out. */
export function readWanted(search: Record<string, unknown>): Wanted {
  const found: Wanted = {};
  if (typeof search.team === "string" && ID.test(search.team)) found.team = search.team;
  for (const name of ["action", "actor", "subject"] as const) {
    const value = search[name];
    if (typeof value === "string" && PRINTED.test(value) && value.length <= LONGEST[name])
      found[name] = value;
  }
  const { since } = search;
  if (typeof since === "string" && Object.hasOwn(DAYS, since)) found.since = since as Since;
  return found;
}

/** The same as the API is asked. `now` in milliseconds; a page keeps the one it began with. */
export function askedOf({ since, ...rest }: Wanted, now: number): Asked {
  return since ? { ...rest, since: new Date(now - DAYS[since] * 86_400_000).toISOString() } : rest;
}

/** Where all of it can be taken from. */
export const exportHref = (asked: Asked): string => {
  const query = new URLSearchParams(asked).toString();
  return `/api/v1/audit-events/export${query ? `?${query}` : ""}`;
};
