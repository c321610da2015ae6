/** Applies events of the tab's stream to the cache, so that every open page follows without asking. */
import type { QueryClient } from "@tanstack/react-query";
import { type Access, applyAccess } from "./access";
import type {
  Deployment,
  Environment,
  Instance,
  Page,
  Platform,
  Project,
  Session,
  TeamDetail,
  Worker,
} from "./types";

/** Replaces the item with the same id, or puts it in where `before` says, else at the end. */
export function upsert<Item extends { id: string }>(
  items: Item[],
  item: Item,
  before: (other: Item) => boolean = () => false,
): Item[] {
  if (items.some((other) => other.id === item.id)) {
    return items.map((other) => (other.id === item.id ? item : other));
  }
  const at = items.findIndex(before);
  return at < 0 ? [...items, item] : [...items.slice(0, at), item, ...items.slice(at)];
}

/** A page that is newest first after news of one of its items. What is older than the page's end stays on a later page. */
export function recentAfter<Item extends { id: string }>(page: Page<Item>, item: Item): Page<Item> {
  const known = page.items.some((each) => each.id === item.id);
  const last = page.items.at(-1);
  if (!known && page.next_cursor && last && item.id < last.id) return page;
  // Ids are made in the order of time.
  return { ...page, items: upsert(page.items, item, (other) => other.id < item.id) };
}

/** An environment after news of one of its deployments. */
export function environmentAfter(environment: Environment, deployment: Deployment): Environment {
  if (environment.id !== deployment.environment_id) return environment;
  const latest =
    !environment.latest || deployment.number >= environment.latest.number ? deployment : environment.latest;
  let live = environment.live;
  if (deployment.status === "live") live = deployment;
  // A replaced deployment stays shown until the event of its successor arrives, then that one stands here.
  else if (live?.id === deployment.id) live = deployment.status === "replaced" ? live : null;
  return { ...environment, latest, live };
}

export function projectAfter(project: Project, deployment: Deployment): Project {
  if (project.id !== deployment.project_id) return project;
  return { ...project, environments: project.environments.map((each) => environmentAfter(each, deployment)) };
}

function patchPage<Item>(
  client: QueryClient,
  key: readonly unknown[],
  change: (items: Item[]) => Item[],
): void {
  client.setQueryData<Page<Item>>(key, (page) => page && { ...page, items: change(page.items) });
}

export function patchDeployment(client: QueryClient, deployment: Deployment): void {
  const before = client.getQueryData<Deployment>(["deployment", deployment.id]);
  // What a release takes to be live again changes with what its deployments are; the list says it as a whole.
  if (before?.status !== deployment.status) {
    void client.invalidateQueries({ queryKey: ["releases", deployment.environment_id] });
    void client.invalidateQueries({ queryKey: ["changes", deployment.id] });
  }
  client.setQueryData(["deployment", deployment.id], deployment);
  void client.invalidateQueries({ queryKey: ["build", deployment.id] });
  patchPage<Deployment>(client, ["deployments", deployment.project_id], (items) =>
    upsert(items, deployment, (other) => other.number < deployment.number),
  );
  client.setQueryData<Page<Deployment>>(
    ["recent-deployments"],
    (page) => page && recentAfter(page, deployment),
  );
  client.setQueryData<Project>(
    ["project", deployment.project_id],
    (project) => project && projectAfter(project, deployment),
  );
  patchPage<Project>(client, ["projects"], (items) => items.map((each) => projectAfter(each, deployment)));
}

export function patchProject(client: QueryClient, project: Project): void {
  client.setQueryData(["project", project.id], project);
  client.setQueryData<Page<Project>>(["projects"], (page) => page && recentAfter(page, project));
}

export function patchInstance(client: QueryClient, instance: Instance): void {
  const gone = instance.status === "removed";
  // With its kept instances a release loses its instant rollback.
  if (instance.leaving) void client.invalidateQueries({ queryKey: ["releases", instance.environment_id] });
  for (const key of [
    ["instances", instance.environment_id],
    ["team-instances"],
    ["worker-instances", instance.worker_id],
  ]) {
    patchPage<Instance>(client, key, (items) =>
      gone ? items.filter((each) => each.id !== instance.id) : upsert(items, instance),
    );
  }
  // Sums over all teams, of which this tab sees only its own part.
  void client.invalidateQueries({ queryKey: ["worker-loads"] });
}

export function patchWorker(client: QueryClient, worker: Worker): void {
  client.setQueryData(["worker", worker.id], worker);
  patchPage<Worker>(client, ["workers"], (items) =>
    upsert(items, worker, (other) => other.name > worker.name),
  );
}

/** A team as one sees it: who is in it, and who is invited. */
export function patchTeam(client: QueryClient, team: TeamDetail): void {
  client.setQueryData(["team", team.id], team);
  // Its row, with its place by name.
  void client.invalidateQueries({ queryKey: ["teams"] });
  const known = client.getQueryData<Session>(["session"])?.teams.find(({ id }) => id === team.id);
  if (known && known.name !== team.name) void client.invalidateQueries({ queryKey: ["session"] });
}

/** Applies one event of /api/v1/events. An event this version does not know changes nothing. */
export function applyEvent(client: QueryClient, event: string, data: string): void {
  const body: unknown = JSON.parse(data);
  if (event === "deployment") patchDeployment(client, body as Deployment);
  else if (event === "project") patchProject(client, body as Project);
  else if (event === "instance") patchInstance(client, body as Instance);
  else if (event === "team") patchTeam(client, body as TeamDetail);
  else if (event === "worker") patchWorker(client, body as Worker);
  else if (event === "access") applyAccess(client, body as Access);
  else if (event === "platform") client.setQueryData<Platform>(["platform"], body as Platform);
}

/** The stream tells what the session goes by, and a plan is of a commit and stays true, and asking for it is work for the platform. */
const ASKED = new Set<unknown>(["session", "access", "plan"]);

/** After a break of the stream something may have been missed: what is shown is asked for once more. */
export function refreshAll(client: QueryClient): void {
  void client.invalidateQueries({ predicate: (query) => !ASKED.has(query.queryKey[0]) });
}
