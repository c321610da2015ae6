import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "@/app/session-gate";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextField } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { alive } from "@/features/projects/status-of";
import { api } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { fieldOf } from "@/lib/problem";
import { projectsQuery, tokensQuery } from "@/lib/queries";
import type { TokenScope } from "@/lib/types";
import { words } from "@/lib/words";
import { accountWords } from "@/lib/words-deployments";
import { useGuarded } from "./step-up";
import styles from "./token-dialog.module.css";

const text = accountWords;
const SCOPES: TokenScope[] = ["read", "deploy", "admin"];

/** The rights of a token, each with what it allows. */
function Scopes({ chosen, onChange }: { chosen: TokenScope[]; onChange: (chosen: TokenScope[]) => void }) {
  return (
    <fieldset className={styles.scopes}>
      <legend>{text.scopes}</legend>
      {SCOPES.map((scope) => (
        <label key={scope} className={styles.scope}>
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, scope] : chosen.filter((each) => each !== scope))
            }
          />
          <span>
            {text.scopeNames[scope]} <span className="meta">{text.scopeHelp[scope]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Makes a token, then shows it this once: only its button closes it, and nothing while the answer is on its way. */
export function TokenDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<TokenScope[]>(["read", "deploy"]);
  const [expiry, setExpiry] = useState("90");
  const [project, setProject] = useState("");
  const { teams } = useSession();
  const { data } = useQuery(projectsQuery);
  const teamOf = (id: string) => (teams.length > 1 ? teams.find((team) => team.id === id)?.name : undefined);
  const [tried, setTried] = useState(false);
  const create = useGuarded({
    mutationFn: () => {
      const body = {
        name: name.trim(),
        scopes,
        expires_in_days: Number(expiry),
        ...(project ? { project_id: project } : {}),
      };
      return askOnce(`token ${JSON.stringify(body)}`, (header) =>
        api.POST("/api/v1/account/tokens", { params: { header }, body }),
      );
    },
    // The token is shown at once: it does not wait for the list.
    onSuccess: () => void client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const nameError = tried && name.trim() === "" ? text.nameMissing : fieldOf(create.error, "name");
  const submit = () => {
    setTried(true);
    if (name.trim() !== "" && scopes.length > 0) create.mutate();
  };

  if (create.data) {
    return (
      <Dialog
        open
        onOpenChange={() => undefined}
        title={create.data.name}
        foot={
          <Button look="primary" onClick={onClose}>
            {text.done}
          </Button>
        }
      >
        <Notice tone="warn">{text.once}</Notice>
        <div className={styles.token}>
          <code>{create.data.token}</code>
          <Copy text={create.data.token} label={words.actions.copy} look="plain" words />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => open || create.isPending || onClose()}
      title={text.create}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" disabled={create.isPending} onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={create.isPending}>
            {words.actions.create}
          </Button>
        </>
      }
    >
      <TextField
        label={text.name}
        help={text.nameHelp}
        error={nameError}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Scopes chosen={scopes} onChange={setScopes} />
      {tried && scopes.length === 0 ? <Notice tone="bad">{text.scopeMissing}</Notice> : null}
      <SelectField
        label={text.project}
        help={text.projectHelp}
        value={project}
        onChange={(event) => setProject(event.target.value)}
        choices={[
          ["", text.allProjects],
          ...alive(data?.items).map(({ id, name, team_id }): [string, string] => [
            id,
            [name, teamOf(team_id)].filter(Boolean).join(" · "),
          ]),
        ]}
      />
      <SelectField
        label={text.expires}
        value={expiry}
        onChange={(event) => setExpiry(event.target.value)}
        choices={["30", "90", "365"].map((days) => [days, text.expiry[days] ?? days])}
      />
      <Problem error={nameError ? null : create.error} />
      {create.stepUp}
    </Dialog>
  );
}
