import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts, Setting } from "@/components/ui/page";
import { useDeploy } from "@/features/projects/actions";
import { useWhyNot } from "@/features/teams/use-role";
import { api, ask } from "@/lib/client";
import { patchProject } from "@/lib/patch";
import { ApiProblem, fieldOf } from "@/lib/problem";
import { projectQuery } from "@/lib/queries";
import { withoutSecret } from "@/lib/repository";
import type { Project } from "@/lib/types";
import { planWords } from "@/lib/words-plans";
import { projectWords } from "@/lib/words-projects";
import { BuildFields, SourceFields } from "./build-fields";
import styles from "./builds.module.css";
import { type BuildForm, changesIn, formOf, mistakesIn, toBuild, toSource } from "./form";
import { PlanView } from "./plan-view";
import { usePlan, useProjectPlan, useSettled } from "./use-plan";

const text = planWords.section;
type Edited = { branch: string; settings: BuildForm };

/** Saves onto the settings that were read; the server refuses when they are others by now. */
function useSave(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ edited, version }: { edited: Edited; version: string }) =>
      ask(
        api.PATCH("/api/v1/projects/{project_id}", {
          params: { path: { project_id: projectId }, header: { "If-Match": `"${version}"` } },
          body: {
            source: { branch: edited.branch.trim(), ...toSource(edited.settings) },
            build: toBuild(edited.settings),
          },
        }),
      ),
    onSuccess: (saved) => patchProject(client, saved),
  });
}

const read = (project: Project): Edited => ({ branch: project.source.branch, settings: formOf(project) });

/** Where the code comes from and how it is built: the plan, what can be set, and what saving does. */
export function BuildSection({ project }: { project: Project }) {
  const client = useQueryClient();
  const [base, setBase] = useState({ version: project.settings_version, ...read(project) });
  const [edited, setEdited] = useState<Edited>(base);
  const save = useSave(project.id);
  const deploy = useDeploy();
  const changes = changesIn(base.settings, edited.settings) + (base.branch === edited.branch.trim() ? 0 : 1);
  // Somebody else's change is taken over as long as nothing is lost by it.
  if (changes === 0 && base.version !== project.settings_version) {
    const fresh = { version: project.settings_version, ...read(project) };
    setBase(fresh);
    setEdited(fresh);
  }
  const why = useWhyNot(project);
  const wrong = edited.branch.trim() === "" || Object.keys(mistakesIn(edited.settings)).length > 0;

  const [tried, lookNow] = useSettled(changes > 0 && !wrong ? edited : null);
  const kept = useProjectPlan(project, !why && tried === null);
  const typed = usePlan(
    tried && {
      source: {
        provider: "git",
        url: project.source.url,
        branch: tried.branch.trim(),
        ...toSource(tried.settings),
      },
      build: toBuild(tried.settings),
    },
  );
  const look = tried ? typed : kept;
  const error = save.error ?? look.error;
  const stale = save.error instanceof ApiProblem && save.error.status === 412;
  const busy = save.isPending || deploy.isPending;

  const saveAll = (after: () => void) => {
    if (wrong || why) return;
    save.mutate(
      { edited, version: base.version },
      {
        onSuccess: (saved) => {
          const fresh = { version: saved.settings_version, ...read(saved) };
          setBase(fresh);
          setEdited(fresh);
          after();
        },
      },
    );
  };
  const reload = async () => {
    const fresh = await client.fetchQuery({ ...projectQuery(project.id), staleTime: 0 });
    setBase({ version: fresh.settings_version, ...read(fresh) });
    setEdited(read(fresh));
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changes > 0) saveAll(() => undefined);
  };
  const change = (next: Edited) => {
    if (save.isSuccess) save.reset();
    setEdited(next);
  };
  const fields = {
    form: edited.settings,
    onChange: (settings: BuildForm) => change({ ...edited, settings }),
    error,
    why,
    onBlur: lookNow,
  };
  const startDeploy = () => deploy.mutate({ projectId: project.id });

  return (
    <form className={styles.section} onSubmit={submit} noValidate>
      <Setting title={text.source} help={text.sourceHelp}>
        <Facts
          items={[
            [projectWords.settings.repository, <code key="url">{withoutSecret(project.source.url)}</code>],
          ]}
        />
        <TextField
          label={projectWords.settings.branch}
          help={projectWords.form.branchHelp}
          error={edited.branch.trim() === "" ? planWords.branchMissing : fieldOf(save.error, "source.branch")}
          value={edited.branch}
          readOnly={Boolean(why)}
          onChange={(event) => change({ ...edited, branch: event.target.value })}
          onBlur={lookNow}
          code
        />
        <SourceFields {...fields} />
      </Setting>
      <Setting title={text.build} help={text.buildHelp(edited.branch)}>
        {why ? null : <PlanView look={look} help={planWords.refusedHere} />}
        <p className="meta">{planWords.settingsHelp}</p>
        <BuildFields {...fields} plan={look.plan} />
        <div className={styles.foot}>
          {stale ? (
            <Notice
              tone="warn"
              title={text.stale}
              action={
                <Button small onClick={() => void reload()}>
                  {text.reload}
                </Button>
              }
            >
              {text.staleHelp}
            </Notice>
          ) : (
            <Problem error={save.error ?? deploy.error} />
          )}
          {changes > 0 ? (
            <div className={styles.bar}>
              <span role="status">
                {text.changed(changes)}
                <span className="meta">{text.applies}</span>
              </span>
              <Button look="quiet" disabled={busy} onClick={() => change(base)}>
                {text.discard}
              </Button>
              <Button type="submit" busy={busy}>
                {text.save}
              </Button>
              <Button look="primary" busy={busy} onClick={() => saveAll(startDeploy)}>
                {text.saveAndDeploy}
              </Button>
            </div>
          ) : save.isSuccess ? (
            <Notice
              tone="good"
              action={
                <Button small busy={deploy.isPending} onClick={startDeploy}>
                  {text.deploy}
                </Button>
              }
            >
              {text.saved}
            </Notice>
          ) : null}
        </div>
      </Setting>
    </form>
  );
}
