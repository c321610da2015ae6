import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { LogView } from "@/features/logs/log-view";
import { useLogAddress } from "@/features/logs/use-log-address";
import { projectQuery } from "@/lib/queries";
import { logWords } from "@/lib/words-logs";
import { production } from "./status-of";

/** What all instances write, as they write it. */
export function LogsTab() {
  const { projectId } = useParams({ from: "/projects/$projectId/logs" });
  const { data } = useQuery(projectQuery(projectId));
  const view = useLogAddress();
  const environment = data && production(data);
  if (!data) return null;
  if (!environment) return <p className="third">{logWords.none}</p>;
  const url = `/api/v1/environments/${environment.id}/log`;
  return (
    <LogView
      key={url}
      url={url}
      name={`${data.name}.log`}
      waiting={logWords.waitingApp}
      view={view}
      instances
    />
  );
}
