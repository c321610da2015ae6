import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Empty, Notice, Problem } from "@/components/ui/notice";
import { Section, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { useWhyNot } from "@/features/teams/use-role";
import { api, ask } from "@/lib/client";
import { ApiProblem } from "@/lib/problem";
import { projectQuery, variablesQuery } from "@/lib/queries";
import { shortHash } from "@/lib/repository";
import type { Project, VariableScope, Variables } from "@/lib/types";
import { projectWords } from "@/lib/words-projects";
import { useDeploy } from "./actions";
import { rowsOf, type Staged, toRequest, withChange } from "./staged";
import { production } from "./status-of";
import { EditDialog, PasteDialog } from "./variable-dialogs";
import { VariableRow } from "./variable-row";
import styles from "./variables.module.css";

const text = projectWords.variables;
type Editing = { name: string; scope: VariableScope } | "new" | "paste" | null;

/** Saves what is staged onto the version that is shown; the server refuses when it is another by now. */
function useSave(environmentId: string, version: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (staged: Staged) =>
      ask(
        api.PUT("/api/v1/environments/{environment_id}/variables", {
          params: { path: { environment_id: environmentId }, header: { "If-Match": `"${version}"` } },
          body: toRequest(staged),
        }),
      ),
    onSuccess: (saved) => client.setQueryData(variablesQuery(environmentId).queryKey, saved),
  });
}

/** The refusal of a save: its sentence, and a line for each variable that was refused. */
function Refusal({ error, reload, busy }: { error: unknown; reload: () => void; busy: boolean }) {
  if (error instanceof ApiProblem && error.status === 412)
    return (
      <Notice
        tone="warn"
        title={text.stale}
        action={
          <Button small busy={busy} onClick={reload}>
            {text.reload}
          </Button>
        }
      >
        {text.staleHelp}
      </Notice>
    );
  if (!(error instanceof ApiProblem) || Object.keys(error.fields).length === 0)
    return <Problem error={error} />;
  return (
    <Notice tone="bad" title={error.message}>
      {Object.entries(error.fields).map(([name, sentence]) => (
        <p key={name}>
          <code>{name}</code> {sentence}
        </p>
      ))}
    </Notice>
  );
}

function Editor({
  project,
  environmentId,
  variables,
  reload,
  reloading,
}: {
  project: Project;
  environmentId: string;
  variables: Variables;
  reload: () => Promise<{ isError: boolean }>;
  reloading: boolean;
}) {
  const [staged, setStaged] = useState<Staged>(new Map());
  const [editing, setEditing] = useState<Editing>(null);
  const save = useSave(environmentId, variables.version);
  const deploy = useDeploy();
  const rows = rowsOf(variables, staged);
  const why = useWhyNot(project);
  const live = production(project)?.live;
  const busy = save.isPending || deploy.isPending;

  const saveAll = (after: () => void) =>
    save.mutate(staged, {
      onSuccess: () => {
        setStaged(new Map());
        after();
      },
    });
  const adders = (
    <span className={styles.actions}>
      <Button small why={why} look={rows.length > 0 ? "quiet" : "plain"} onClick={() => setEditing("paste")}>
        {text.paste}
      </Button>
      <Button small why={why} onClick={() => setEditing("new")}>
        {text.add}
      </Button>
    </span>
  );

  return (
    <Section title={text.title} action={rows.length > 0 ? adders : null}>
      {rows.length === 0 ? <Empty action={adders}>{text.empty}</Empty> : <p className="meta">{text.help}</p>}
      {rows.length > 0 ? (
        <table className={table.table}>
          <Columns
            of={[
              { id: "name", head: text.name },
              { id: "value", head: text.value, width: styles.valueColumn },
              { id: "scope", head: text.scope, width: styles.wideColumn, wide: true },
              { id: "updated", head: text.updated, width: styles.wideColumn, wide: true },
              {
                id: "does",
                head: <span className="only-read">{text.replace}</span>,
                width: styles.wideColumn,
              },
            ]}
          />
          <tbody>
            {rows.map((row) => (
              <VariableRow
                key={row.name}
                row={row}
                onReplace={() => setEditing({ name: row.name, scope: row.scope })}
                onRemove={() => setStaged(withChange(staged, variables, row.name, { kind: "remove" }))}
                onUndo={() => setStaged(withChange(staged, variables, row.name, null))}
              />
            ))}
          </tbody>
        </table>
      ) : null}
      {save.isSuccess && staged.size === 0 && !busy ? <Notice tone="good">{text.saved}</Notice> : null}
      <Refusal
        error={save.error ?? deploy.error}
        reload={() => void reload().then(({ isError }) => isError || save.reset())}
        busy={reloading}
      />
      {staged.size > 0 ? (
        <div className={styles.staged}>
          <span role="status">
            {text.staged(staged.size)}
            <span className={`meta ${styles.what}`}>
              {live?.commit
                ? text.deploysLive(shortHash(live.commit))
                : text.deploysBranch(project.source.branch)}
            </span>
          </span>
          <Button look="quiet" disabled={busy} onClick={() => setStaged(new Map())}>
            {text.discard}
          </Button>
          <Button why={why} busy={busy} onClick={() => saveAll(() => undefined)}>
            {text.later}
          </Button>
          <Button
            look="primary"
            why={why}
            busy={busy}
            onClick={() =>
              saveAll(() => deploy.mutate({ projectId: project.id, ref: live?.commit ?? undefined }))
            }
          >
            {text.deployNow}
          </Button>
        </div>
      ) : null}
      {editing === "paste" ? (
        <PasteDialog
          onClose={() => setEditing(null)}
          onStage={(entries) => setStaged(new Map([...staged, ...entries]))}
        />
      ) : editing ? (
        <EditDialog
          replaced={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
          onStage={(name, change) => setStaged(withChange(staged, variables, name, change))}
        />
      ) : null}
    </Section>
  );
}

export function VariablesTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/variables" });
  const { data: project } = useQuery(projectQuery(projectId));
  const environmentId = (project && production(project))?.id;
  const { data, error, refetch, isFetching } = useQuery({
    ...variablesQuery(environmentId ?? ""),
    enabled: environmentId !== undefined,
  });
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />;
  if (!project || !data || !environmentId) return <SkeletonRows rows={3} />;
  return (
    <Editor
      key={environmentId}
      project={project}
      environmentId={environmentId}
      variables={data}
      reload={() => refetch()}
      reloading={isFetching}
    />
  );
}
