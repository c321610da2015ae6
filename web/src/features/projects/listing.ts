/** Which projects the list shows and in which order, as its address says. */
import { matching } from "@/lib/matching";
import type { Project } from "@/lib/types";
import { newest, production, statusOf } from "./status-of";

export const SORTS = ["name", "status", "age"] as const;
export type Sort = (typeof SORTS)[number];
export type Listing = { filter?: string; sort?: Sort };

const LONGEST = 200;

/** What an address asks for; what it cannot ask for is left out. */
export function readListing(search: Record<string, unknown>): Listing {
  const { filter, sort } = search;
  const known = SORTS.find((each) => each === sort);
  return {
    // The router reads `?filter=42` as a number.
    ...(filter === undefined || filter === "" ? {} : { filter: String(filter).slice(0, LONGEST) }),
    ...(known ? { sort: known } : {}),
  };
}

export const changedAt = (project: Project): string => {
  const latest = newest(project);
  return latest?.finished_at ?? latest?.created_at ?? project.created_at;
};

/** What wants a look comes first, what never ran last. */
const URGENT = ["failed", "queued", "building", "starting", "verifying", "cancelled", "live", "none"];
const urgency = (project: Project) => {
  const at = URGENT.indexOf(statusOf(project));
  return at < 0 ? URGENT.length : at;
};

const ORDER: Record<Sort, (one: Project, other: Project) => number> = {
  name: (one, other) => one.name.localeCompare(other.name, "en"),
  status: (one, other) => urgency(one) - urgency(other),
  age: (one, other) => Date.parse(changedAt(other)) - Date.parse(changedAt(one)),
};

/**
 * The projects whose name, hostname, commit or team hold every typed word. Equals keep the order they come in: newest
 * first. `teamOf` is for those who have more than one team.
 */
export function listed(
  projects: Project[],
  { filter = "", sort }: Listing,
  teamOf: (project: Project) => string | undefined = () => undefined,
): Project[] {
  const found = filter.trim()
    ? matching(
        projects.map((project) => ({
          project,
          text: [project.name, production(project)?.url, newest(project)?.subject, teamOf(project)]
            .filter(Boolean)
            .join(" "),
        })),
        filter,
      ).map(({ project }) => project)
    : projects;
  return sort ? found.toSorted(ORDER[sort]) : found;
}
