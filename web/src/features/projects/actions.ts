/** What one can do to a project. Each answer goes into the cache; the event stream brings the rest. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type BuildForm, toBuild, toSource } from "@/features/builds/form";
import { api, ask } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { patchDeployment, patchProject } from "@/lib/patch";
import type { Project } from "@/lib/types";
import { production } from "./status-of";

/** What to deploy: the branch's newest commit, or the ref named. */
export type Deploy = { projectId: string; ref?: string };

/** Deploys and opens the new deployment. */
export function useDeploy() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ projectId, ref }: Deploy) =>
      askOnce(`deploy ${projectId} ${ref ?? ""}`, (header) =>
        api.POST("/api/v1/projects/{project_id}/deployments", {
          params: { path: { project_id: projectId }, header },
          body: ref ? { ref } : {},
        }),
      ),
    onSuccess: (deployment) => {
      patchDeployment(client, deployment);
      void navigate({ to: "/deployments/$deploymentId", params: { deploymentId: deployment.id } });
    },
  });
}

/** Looks at the repository now instead of at the next poll. */
export function useCheck(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/v1/projects/{project_id}/check", {
          params: { path: { project_id: projectId } },
        }),
      ),
    onSuccess: (result) => {
      if (result.deployment) patchDeployment(client, result.deployment);
    },
  });
}

export type NewProject = {
  name: string;
  /** The personal one without. */
  team?: string | undefined;
  url: string;
  branch: string;
  settings: BuildForm;
};

/** Creates the project with its first deployment and opens that: one watches it build from the first second. */
export function useCreateProject() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (wanted: NewProject) =>
      askOnce(`create ${JSON.stringify(wanted)}`, (header) =>
        api.POST("/api/v1/projects", {
          params: { header },
          body: {
            name: wanted.name,
            ...(wanted.team ? { team: wanted.team } : {}),
            source: {
              provider: "git",
              url: wanted.url,
              branch: wanted.branch,
              ...toSource(wanted.settings),
            },
            build: toBuild(wanted.settings),
            deploy: true,
          },
        }),
      ),
    onSuccess: (project: Project) => {
      patchProject(client, project);
      const first = production(project)?.latest;
      if (first) {
        patchDeployment(client, first);
        void navigate({ to: "/deployments/$deploymentId", params: { deploymentId: first.id } });
      } else {
        void navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
      }
    },
  });
}
