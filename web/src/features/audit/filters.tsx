import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useSession } from "@/app/session-gate";
import { Button } from "@/components/ui/button";
import { RowSelect } from "@/components/ui/field";
import { atLeast } from "@/features/teams/roles";
import { sentenceOf } from "@/lib/problem";
import { teamQuery } from "@/lib/queries";
import { auditWords } from "@/lib/words-audit";
import styles from "./audit.module.css";
import { nameOf, subjectOf } from "./naming";
import type { Wanted } from "./wanted";

const text = auditWords;

export type Change = (part: Wanted) => void;
type Names = ReadonlyMap<string, string>;

/** Whose acts are shown: of one team its members are offered, of several whoever is clicked on. */
function Who({
  team,
  wanted,
  onChange,
  names,
}: {
  team: string;
  wanted: Wanted;
  onChange: Change;
  names: Names;
}) {
  const { data, error } = useQuery(teamQuery(team));
  const people = (data?.people ?? []).map(({ user_id, name, email }): [string, string] => [
    `user:${user_id}`,
    name || email,
  ]);
  // Somebody who left, a token, a machine: clicked on in a row.
  if (wanted.actor && !people.some(([actor]) => actor === wanted.actor))
    people.push([wanted.actor, names.get(wanted.actor) ?? nameOf({ actor: wanted.actor })]);
  return (
    <RowSelect
      label={text.filters.actor}
      title={error ? sentenceOf(error) : undefined}
      disabled={!data && !wanted.actor}
      choices={[["", text.filters.everybody], ...people]}
      value={wanted.actor ?? ""}
      onChange={({ target }) => onChange({ actor: target.value || undefined })}
    />
  );
}

/** The filters, one beside the other; what a click on a row asked for is a button that takes it away. */
export function Filters({ wanted, onChange, names }: { wanted: Wanted; onChange: Change; names: Names }) {
  const { teams, user } = useSession();
  const mine = teams.filter(({ role }) => atLeast(role, "admin"));
  const one = wanted.team ?? (mine.length === 1 && !user.operator ? mine[0]?.id : undefined);
  const team = mine.some(({ id }) => id === one) ? one : undefined;
  const chips: [keyof Wanted, string][] = [];
  if (wanted.actor && !team)
    chips.push(["actor", text.filters.who(names.get(wanted.actor) ?? nameOf({ actor: wanted.actor }))]);
  if (wanted.subject) {
    const known = names.get(wanted.subject) ?? subjectOf({ subject: wanted.subject, detail: {} });
    chips.push(["subject", text.filters.subject(known)]);
  }
  const kinds = Object.entries(text.kinds);
  // An action that is more exact than a kind comes from a link; it is offered as it is.
  if (wanted.action && !Object.hasOwn(text.kinds, wanted.action)) kinds.push([wanted.action, wanted.action]);
  return (
    <search className={styles.filters} aria-label={text.filters.title}>
      {mine.length > 1 || user.operator ? (
        <RowSelect
          label={text.filters.team}
          choices={[["", text.filters.allTeams], ...mine.map(({ id, name }): [string, string] => [id, name])]}
          value={wanted.team ?? ""}
          onChange={({ target }) => onChange({ team: target.value || undefined, actor: undefined })}
        />
      ) : null}
      {team ? <Who team={team} wanted={wanted} onChange={onChange} names={names} /> : null}
      <RowSelect
        label={text.filters.kind}
        choices={[["", text.filters.allKinds], ...kinds]}
        value={wanted.action ?? ""}
        onChange={({ target }) => onChange({ action: target.value || undefined })}
      />
      <RowSelect
        label={text.filters.since}
        choices={Object.entries(text.since)}
        value={wanted.since ?? ""}
        onChange={({ target }) => onChange({ since: (target.value || undefined) as Wanted["since"] })}
      />
      {chips.map(([name, says]) => (
        <Button
          key={name}
          small
          aria-label={text.filters.remove(says)}
          onClick={() => onChange({ [name]: undefined })}
        >
          <span className="cut">{says}</span>
          <X aria-hidden />
        </Button>
      ))}
    </search>
  );
}
