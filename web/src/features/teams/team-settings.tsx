import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { CheckField, TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { Setting } from "@/components/ui/page";
import { fieldOf } from "@/lib/problem";
import type { TeamDetail } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { useChangeTeam } from "./acting";
import { atLeast } from "./roles";
import { TEAM_NAME } from "./team-dialog";
import styles from "./teams.module.css";

const text = teamWords;

function Name({ team, why }: { team: TeamDetail; why: string | null }) {
  const change = useChangeTeam(team.id);
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? team.name;
  const changed = name.trim() !== team.name;
  const wrong = changed && !TEAM_NAME.test(name.trim());
  const error = fieldOf(change.error, "name") ?? (wrong && change.isError ? text.name.wrong : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed && !wrong && !why) change.mutate({ name: name.trim() }, { onSuccess: () => setTyped(null) });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextField
        label={text.name.label}
        help={why ?? text.name.renameHelp}
        error={wrong ? text.name.wrong : error}
        value={name}
        maxLength={39}
        readOnly={Boolean(why)}
        onChange={(event) => {
          if (change.error) change.reset();
          setTyped(event.target.value);
        }}
      />
      <Problem error={error ? null : change.error} />
      {change.stepUp}
      <Button type="submit" why={why} disabled={!why && (!changed || wrong)} busy={change.isPending}>
        {text.name.save}
      </Button>
    </form>
  );
}

/** What admins set: the name, and whether a second factor is asked of everybody. */
export function TeamSettings({ team }: { team: TeamDetail }) {
  const factor = useChangeTeam(team.id);
  const why = atLeast(team.role, "admin") ? null : text.why.needs("admin", team.role);
  const asked = factor.isPending ? factor.variables.second_factor_required : team.second_factor_required;
  return (
    <>
      <Setting title={text.settings.title}>
        <Name team={team} why={why} />
      </Setting>
      <Setting title={text.settings.secondFactor} help={text.settings.secondFactorHelp}>
        <CheckField
          label={text.settings.secondFactorLabel}
          title={why ?? undefined}
          checked={asked ?? team.second_factor_required}
          disabled={Boolean(why) || factor.isPending}
          onChange={(event) => factor.mutate({ second_factor_required: event.target.checked })}
        />
        {why ? <p className="meta">{why}</p> : null}
        <Problem error={factor.error} />
        {factor.stepUp}
      </Setting>
    </>
  );
}
