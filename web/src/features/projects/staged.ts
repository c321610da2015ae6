/** Changes of variables that are not saved yet: what they would do to what is there. */
import type { VariableScope, Variables } from "@/lib/types";

export type Change = { kind: "set"; value: string; scope: VariableScope } | { kind: "remove" };
export type Staged = ReadonlyMap<string, Change>;
export type Difference = "added" | "replaced" | "removed";

export type VariableRow = {
  name: string;
  scope: VariableScope;
  updatedAt: string | null;
  change: Change | null;
  difference: Difference | null;
};

/** What is set together with what is staged, by name. */
export function rowsOf(variables: Variables, staged: Staged): VariableRow[] {
  const rows = new Map<string, VariableRow>();
  for (const item of variables.items) {
    const change = staged.get(item.name) ?? null;
    rows.set(item.name, {
      name: item.name,
      scope: change?.kind === "set" ? change.scope : item.scope,
      updatedAt: item.updated_at,
      change,
      difference: change ? (change.kind === "remove" ? "removed" : "replaced") : null,
    });
  }
  for (const [name, change] of staged) {
    if (rows.has(name) || change.kind === "remove") continue;
    rows.set(name, { name, scope: change.scope, updatedAt: null, change, difference: "added" });
  }
  return [...rows.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The staged map with one more change. Removing what is only staged just forgets it. */
export function withChange(
  staged: Staged,
  variables: Variables,
  name: string,
  change: Change | null,
): Staged {
  const next = new Map(staged);
  const known = variables.items.some((item) => item.name === name);
  if (change === null || (change.kind === "remove" && !known)) next.delete(name);
  else next.set(name, change);
  return next;
}

/** The body of the request that saves them. */
export function toRequest(staged: Staged) {
  const set: Record<string, { value: string; scope: VariableScope }> = {};
  const remove: string[] = [];
  for (const [name, change] of staged) {
    if (change.kind === "set") set[name] = { value: change.value, scope: change.scope };
    else remove.push(name);
  }
  return { set, remove };
}
