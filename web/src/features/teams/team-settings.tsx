import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { CheckField, TextField } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { Setting } from "@/components/ui/page";
import { ConfirmDialog } from "@/features/accounts/confirm-dialog";
import { ApiProblem, fieldOf } from "@/lib/problem";
import { teamQuery } from "@/lib/queries";
import type { TeamDetail } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { useAskFactor, useChangeTeam } from "./acting";
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

/** Whether a second factor is asked of everybody. Who has none loses the team: that is asked first. */
function SecondFactor({ team, why }: { team: TeamDetail; why: string | null }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const require = useAskFactor(team.id, () => setAsking(false));
  const waive = useChangeTeam(team.id);
  const { error } = require;
  const ownFirst = error instanceof ApiProblem && error.code === "second_factor_first" ? error : null;
  const change = (wanted: boolean) => {
    require.reset();
    waive.reset();
    if (!wanted) return waive.mutate({ second_factor_required: false });
    setAsking(true);
    // Nothing tells a tab that a member has set one up.
    void client.invalidateQueries({ queryKey: teamQuery(team.id).queryKey });
  };
  return (
    <Setting title={text.settings.secondFactor} help={text.settings.secondFactorHelp}>
      <CheckField
        label={text.settings.secondFactorLabel}
        title={why ?? undefined}
        checked={team.second_factor_required && !waive.isPending}
        disabled={Boolean(why) || waive.isPending}
        onChange={(event) => change(event.target.checked)}
      />
      {why ? <p className="meta">{why}</p> : null}
      {ownFirst ? (
        <Notice
          tone="bad"
          action={
            <Link to="/account" className={buttonClass({ small: true })}>
              {text.closedAction}
            </Link>
          }
        >
          {ownFirst.message}
        </Notice>
      ) : null}
      <Problem error={waive.error} />
      {waive.stepUp}
      {asking && !ownFirst ? (
        <ConfirmDialog
          title={text.settings.askTitle(team.name)}
          help={text.settings.askHelp(team.without_second_factor)}
          verb={text.settings.ask}
          act={require}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Setting>
  );
}

/** What admins set: the name, and whether a second factor is asked of everybody. */
export function TeamSettings({ team }: { team: TeamDetail }) {
  const why = atLeast(team.role, "admin") ? null : text.why.needs("admin", team.role);
  return (
    <>
      <Setting title={text.settings.title}>
        <Name team={team} why={why} />
      </Setting>
      <SecondFactor team={team} why={why} />
    </>
  );
}
