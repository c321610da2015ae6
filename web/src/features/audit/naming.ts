import { auditWords } from "@/lib/words-audit";

export type Acting = { actor: string; actor_name?: string | null };

/** Who it was, in words: a name, or what kind of machine. */
export function nameOf({ actor, actor_name: name }: Acting): string {
  const [kind = "", id = ""] = actor.split(":");
  const { machines } = auditWords;
  if (kind === "token") return name ? auditWords.byToken(name) : `${machines.token} ${id.slice(-4)}`;
  if (kind === "user") return name || `${machines.person} ${id.slice(-4)}`;
  if (kind === "worker" || kind === "hook") return `${machines[kind]} ${id.slice(-4)}`.trim();
  return kind === "platform" || kind === "stranger" ? machines[kind] : actor;
}

export type Concerned = {
  subject: string;
  subject_name?: string | null;
  detail: Record<string, unknown>;
};

const said = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;

/** What it was done to, in words: what its row says of it, else its kind and the end of its id. */
export function subjectOf({ subject, subject_name: name, detail }: Concerned): string {
  const colon = subject.indexOf(":");
  const [kind, id] = [subject.slice(0, colon), subject.slice(colon + 1)];
  const project = said(detail.project);
  const known = name ?? said(detail.name);
  const { subjects } = auditWords;
  if (kind === "deployment" && project) return `${project} #${said(detail.number) ?? "?"}`;
  if (kind === "environment" && project && known) return `${project} / ${known}`;
  if (kind === "invitation") return said(detail.email) ?? subjects.invitation;
  if (kind === "join_token") return said(detail.worker) ?? subjects.join_token;
  if (kind === "token" && known) return auditWords.byToken(known);
  if (known && kind !== "session") return known;
  return Object.hasOwn(subjects, kind)
    ? `${subjects[kind as keyof typeof subjects]} ${id.slice(-4)}`
    : id || subject;
}
