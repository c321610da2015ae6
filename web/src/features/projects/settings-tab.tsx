import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useSession } from "@/app/session-gate";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Notice, Problem } from "@/components/ui/notice";
import { Setting } from "@/components/ui/page";
import { BuildSection } from "@/features/builds/build-section";
import { ProjectRoles } from "@/features/teams/project-roles";
import { useWhyNot } from "@/features/teams/use-role";
import { api, ask } from "@/lib/client";
import { projectQuery } from "@/lib/queries";
import type { Project } from "@/lib/types";
import { projectWords } from "@/lib/words-projects";
import { DangerZone } from "./deletion";
import styles from "./settings.module.css";

const text = projectWords.settings;

function CopyLine({ value, label }: { value: string; label: string }) {
  return (
    <div className={styles.line}>
      <code className={styles.value}>{value}</code>
      <Copy text={value} label={label} look="plain" words />
    </div>
  );
}

/** The hook's address, and a new secret that is shown once. */
function Hook({ project }: { project: Project }) {
  const projectId = project.id;
  const url = project.hook.url;
  const why = useWhyNot(project);
  const secret = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/v1/projects/{project_id}/hook-secret", {
          params: { path: { project_id: projectId } },
        }),
      ),
  });
  return (
    <>
      <CopyLine value={secret.data?.url ?? url} label={text.hookUrlCopy} />
      <p className="meta">{text.hookHow}</p>
      {secret.data ? (
        <>
          <Notice tone="warn">{text.secretOnce}</Notice>
          <CopyLine value={secret.data.secret} label={text.secretCopy} />
        </>
      ) : (
        <div className={styles.line}>
          <Button why={why} busy={secret.isPending} onClick={() => secret.mutate()}>
            {text.secretNew}
          </Button>
          <span className="meta">{text.secretHelp}</span>
        </div>
      )}
      <Problem error={secret.error} />
    </>
  );
}

export function SettingsTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/settings" });
  const { platform } = useSession();
  const { data: project } = useQuery(projectQuery(projectId));
  if (!project) return null;
  return (
    <div className={styles.settings}>
      <BuildSection key={project.id} project={project} />
      <Setting title={text.hook} help={text.hookHelp(`${platform.poll_seconds} s`)}>
        <Hook project={project} />
      </Setting>
      <ProjectRoles project={project} />
      {project.deleted_at ? null : <DangerZone project={project} />}
    </div>
  );
}
