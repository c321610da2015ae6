import { auditWords } from "@/lib/words-audit";

export type Acting = { actor: string; actor_name?: string | null };

/** Who it was, in words: a name, or what kind of machine. */
export function nameOf({ actor, actor_name: name }: Acting): string {
  const [kind = "", id = ""] = actor.split(":");
  const { machines } = auditWords;
  if (kind === "token") return name ? auditWords.byToken(name) : `${machines.token} ${id.slice(-4)}`;
  if (kind === "user") return name ?? `${machines.person} ${id.slice(-4)}`;
  if (kind === "worker" || kind === "hook") return `${machines[kind]} ${id.slice(-4)}`.trim();
  return kind === "platform" ? machines.platform : actor;
}
