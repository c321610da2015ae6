/** What one can do to what runs: roll back, restart, cancel. Each opens or updates the deployment that does it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { patchDeployment } from "@/lib/patch";
import type { Deployment } from "@/lib/types";

function useOpened() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (deployment: Deployment) => {
    patchDeployment(client, deployment);
    void navigate({ to: "/deployments/$deploymentId", params: { deploymentId: deployment.id } });
  };
}

/** Makes a release live again, its variables included, and opens the deployment that does it. */
export function useRollback(environmentId: string) {
  return useMutation({
    mutationFn: (release: number) =>
      askOnce(`roll back ${environmentId} ${release}`, (header) =>
        api.POST("/api/v1/environments/{environment_id}/rollback", {
          params: { path: { environment_id: environmentId }, header },
          body: { release },
        }),
      ),
    onSuccess: useOpened(),
  });
}

/** Replaces the live instances by new ones of the same release, and opens the deployment that does it. */
export function useRestart() {
  return useMutation({
    mutationFn: (environmentId: string) =>
      askOnce(`restart ${environmentId}`, (header) =>
        api.POST("/api/v1/environments/{environment_id}/restart", {
          params: { path: { environment_id: environmentId }, header },
        }),
      ),
    onSuccess: useOpened(),
  });
}

/** Cancels a deployment that is under way; what is live stays live. */
export function useCancel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deploymentId: string) =>
      askOnce(`cancel ${deploymentId}`, (header) =>
        api.POST("/api/v1/deployments/{deployment_id}/cancel", {
          params: { path: { deployment_id: deploymentId }, header },
        }),
      ),
    onSuccess: (deployment) => patchDeployment(client, deployment),
  });
}
