/** What changed, as rows and as one line: pure, from what the API compared. */
import { shortHash } from "@/lib/repository";
import { bytes } from "@/lib/time";
import type { Changes } from "@/lib/types";
import { changesWords } from "@/lib/words-changes";

const text = changesWords;

export type Mark = "added" | "changed" | "removed";
export type VariableChange = { name: string; mark: Mark };

/** Names that differ, in the order of the alphabet, whatever became of them. */
export function variableChanges({ variables }: Changes): VariableChange[] {
  const of = (names: string[], mark: Mark) => names.map((name) => ({ name, mark }));
  return [
    ...of(variables.added, "added"),
    ...of(variables.changed, "changed"),
    ...of(variables.removed, "removed"),
  ].sort((one, other) => one.name.localeCompare(other.name));
}

/** `80 MB → 84 MB (+4.0 MB)`; one size where there is one, nothing where there is none. */
export function sizes({
  image_size_before: before,
  image_size: after,
  image_rebuilt: rebuilt,
}: Changes): string {
  if (after === null || after === undefined) return "";
  if (before === null || before === undefined) return bytes(after);
  if (!rebuilt) return `${text.imageSame}, ${bytes(after)}`;
  const grown = after - before;
  const sign = grown < 0 ? "−" : "+";
  return `${bytes(before)} → ${bytes(after)} (${sign}${bytes(Math.abs(grown))})`;
}

/** `1a2b3c4 → 5d6e7f8`, or that both are of one commit. */
export function commits({ previous, commit }: Changes): string {
  if (!commit) return "";
  if (!previous?.commit) return shortHash(commit);
  if (previous.commit === commit) return `${shortHash(commit)}, ${text.sameCommit}`;
  return `${shortHash(previous.commit)} → ${shortHash(commit)}`;
}

/** All of it in one line for a list: `commit, 2 variables, 1 setting, +4.0 MB`. */
export function oneLine(changes: Changes): string {
  if (changes.state === "first") return text.line.first;
  if (changes.state === "same") return text.line.same;
  const grown = (changes.image_size ?? 0) - (changes.image_size_before ?? 0);
  const told = Boolean(changes.image_rebuilt && changes.image_size && changes.image_size_before);
  const count = variableChanges(changes).length;
  return [
    changes.backwards ? text.line.backwards : "",
    changes.previous?.commit !== changes.commit ? text.line.commit : "",
    count > 0 ? text.line.variables(count) : "",
    changes.settings?.length ? text.line.settings(changes.settings.length) : "",
    changes.base && changes.base.change !== "same" ? text.line.base : "",
    // What a rebuild moves by itself is no news.
    told && Math.abs(grown) >= 1024 ** 2 ? `${grown < 0 ? "−" : "+"}${bytes(Math.abs(grown))}` : "",
  ]
    .filter(Boolean)
    .join(", ");
}
