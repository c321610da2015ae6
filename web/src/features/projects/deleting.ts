/** Deleting a project, taking it back, and ending the time in which that can be done. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { offerUndo } from "@/app/undo-offer";
import { useGuarded } from "@/features/accounts/step-up";
import { api, ask } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { patchProject } from "@/lib/patch";
import type { Project } from "@/lib/types";

/** Deletes a project and goes to the list, where the deletion can be undone at once. */
export function useDelete() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useGuarded({
    mutationFn: (projectId: string) =>
      ask(api.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } })),
    onSuccess: (project) => {
      patchProject(client, project);
      offerUndo(project.id);
      void navigate({ to: "/projects" });
    },
  });
}

/** Ends the time in which a deleted project can be restored. */
export function useDeleteForGood() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useGuarded({
    mutationFn: (projectId: string) =>
      ask(
        api.DELETE("/api/v1/projects/{project_id}", {
          params: { path: { project_id: projectId }, query: { for_good: true } },
        }),
      ),
    onSuccess: (project) => {
      patchProject(client, project);
      void navigate({ to: "/projects" });
    },
  });
}

/** Takes a deletion back: what was live is started again. */
export function useRestore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (project: Project) =>
      askOnce(`restore ${project.id} ${project.deleted_at}`, (header) =>
        api.POST("/api/v1/projects/{project_id}/restore", {
          params: { path: { project_id: project.id }, header },
        }),
      ),
    onSuccess: (project) => patchProject(client, project),
  });
}
