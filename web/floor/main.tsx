/**
 * What `./dev bench dashboard` compares with: React, a router and a query client, one list without style. With `?poll`
 * it asks every two seconds, as dashboards do that have no stream.
 */
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { createRoot } from "react-dom/client";

type Latest = { status: string } | null;
type Project = { id: string; name: string; environments: { latest: Latest }[] };
type Page = { items: Project[]; next_cursor: string | null };

const POLL_MS = 2000;
const polls = new URLSearchParams(window.location.search).has("poll");

async function projects(): Promise<Project[]> {
  const found: Project[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const response = await fetch(`/api/v1/projects?limit=200${cursor ? `&cursor=${cursor}` : ""}`);
    const page = (await response.json()) as Page;
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found;
}

function List() {
  const { data } = useQuery({
    queryKey: ["projects"],
    queryFn: projects,
    refetchInterval: polls ? POLL_MS : false,
  });
  return (
    <>
      <h1>Projects</h1>
      <table>
        <tbody>
          {data?.map((project) => (
            <tr key={project.id}>
              <td>
                <Link to="/$id" params={{ id: project.id }}>
                  {project.name}
                </Link>
              </td>
              <td>{project.environments[0]?.latest?.status ?? "new"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const root = createRootRoute({ component: Outlet });
const list = createRoute({ getParentRoute: () => root, path: "/", component: List });
const one = createRoute({ getParentRoute: () => root, path: "/$id", component: () => <h1>Project</h1> });
const router = createRouter({ routeTree: root.addChildren([list, one]), basepath: "/floor" });

const place = document.getElementById("root");
if (place)
  createRoot(place).render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
