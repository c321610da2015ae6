/** Every address of the dashboard. All pages come when they are asked for. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useLocation,
} from "@tanstack/react-router";
import { readWanted } from "@/features/audit/wanted";
import { readListing } from "@/features/projects/listing";
import {
  deploymentQuery,
  deploymentsQuery,
  platformQuery,
  projectQuery,
  projectsQuery,
  recentDeploymentsQuery,
  teamInstancesQuery,
  teamQuery,
  teamsQuery,
  workerQuery,
} from "@/lib/queries";
import { Crashed, Missing } from "./errors";
import { Frame } from "./frame";
import { SessionGate } from "./session-gate";

/** The pages for those who may not be signed in yet. */
const INVITATION = "/invitation";
const SECOND_FACTOR = "/sign-in/second-factor";
const OPEN = new Set([INVITATION, SECOND_FACTOR]);

function Root() {
  const open = useLocation({ select: ({ pathname }) => OPEN.has(pathname) });
  if (open) return <Outlet />;
  return (
    <SessionGate>
      <Frame />
    </SessionGate>
  );
}

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Root });

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(projectsQuery);
    void queryClient.prefetchQuery(teamInstancesQuery);
    void queryClient.prefetchQuery(recentDeploymentsQuery);
  },
  component: lazyRouteComponent(() => import("@/features/overview/overview-page"), "OverviewPage"),
});

const projects = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects",
  validateSearch: readListing,
  loader: ({ context }) => void context.queryClient.prefetchQuery(projectsQuery),
  component: lazyRouteComponent(() => import("@/features/projects/projects-page"), "ProjectsPage"),
});

const newProject = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/new",
  component: lazyRouteComponent(() => import("@/features/projects/new-project-page"), "NewProjectPage"),
});

const project = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$projectId",
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(projectQuery(params.projectId)),
  component: lazyRouteComponent(() => import("@/features/projects/project-page"), "ProjectPage"),
});

const overview = createRoute({
  getParentRoute: () => project,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/projects/overview-tab"), "OverviewTab"),
});

const deployments = createRoute({
  getParentRoute: () => project,
  path: "/deployments",
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(deploymentsQuery(params.projectId)),
  component: lazyRouteComponent(() => import("@/features/deployments/deployments-tab"), "DeploymentsTab"),
});

const processes = createRoute({
  getParentRoute: () => project,
  path: "/processes",
  component: lazyRouteComponent(() => import("@/features/processes/processes-tab"), "ProcessesTab"),
});

const logs = createRoute({
  getParentRoute: () => project,
  path: "/logs",
  component: lazyRouteComponent(() => import("@/features/projects/logs-tab"), "LogsTab"),
});

const variables = createRoute({
  getParentRoute: () => project,
  path: "/variables",
  component: lazyRouteComponent(() => import("@/features/projects/variables-tab"), "VariablesTab"),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/projects/settings-tab"), "SettingsTab"),
});

const deployment = createRoute({
  getParentRoute: () => rootRoute,
  path: "/deployments/$deploymentId",
  loader: ({ context, params }) =>
    void context.queryClient.prefetchQuery(deploymentQuery(params.deploymentId)),
  component: lazyRouteComponent(() => import("@/features/deployments/deployment-page"), "DeploymentPage"),
});

const workers = createRoute({
  getParentRoute: () => rootRoute,
  path: "/workers",
  component: lazyRouteComponent(() => import("@/features/workers/workers-page"), "WorkersPage"),
});

const worker = createRoute({
  getParentRoute: () => rootRoute,
  path: "/workers/$workerId",
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(workerQuery(params.workerId)),
  component: lazyRouteComponent(() => import("@/features/workers/worker-page"), "WorkerPage"),
});

const teams = createRoute({
  getParentRoute: () => rootRoute,
  path: "/teams",
  loader: ({ context }) => void context.queryClient.prefetchQuery(teamsQuery),
  component: lazyRouteComponent(() => import("@/features/teams/teams-page"), "TeamsPage"),
});

const team = createRoute({
  getParentRoute: () => rootRoute,
  path: "/teams/$teamId",
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(teamQuery(params.teamId)),
  component: lazyRouteComponent(() => import("@/features/teams/team-page"), "TeamPage"),
});

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  validateSearch: readWanted,
  component: lazyRouteComponent(() => import("@/features/audit/audit-page"), "AuditPage"),
});

const invitation = createRoute({
  getParentRoute: () => rootRoute,
  path: INVITATION,
  component: lazyRouteComponent(() => import("@/features/teams/invitation-page"), "InvitationPage"),
});

const secondFactor = createRoute({
  getParentRoute: () => rootRoute,
  path: SECOND_FACTOR,
  component: lazyRouteComponent(() => import("@/features/accounts/second-factor-page"), "SecondFactorPage"),
});

const platform = createRoute({
  getParentRoute: () => rootRoute,
  path: "/platform",
  loader: ({ context }) => void context.queryClient.prefetchQuery(platformQuery),
  component: lazyRouteComponent(() => import("@/features/platform/platform-page"), "PlatformPage"),
});

const account = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("@/features/accounts/account-page"), "AccountPage"),
});

const tokens = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account/tokens",
  component: lazyRouteComponent(() => import("@/features/accounts/tokens-page"), "TokensPage"),
});

/** Not in the navigation: for those who build the dashboard. */
const gallery = createRoute({
  getParentRoute: () => rootRoute,
  path: "/gallery",
  component: lazyRouteComponent(() => import("@/features/gallery/gallery-page"), "GalleryPage"),
});

const routeTree = rootRoute.addChildren([
  home,
  projects,
  newProject,
  project.addChildren([overview, deployments, processes, logs, variables, settings]),
  deployment,
  workers,
  worker,
  teams,
  team,
  audit,
  invitation,
  secondFactor,
  platform,
  account,
  tokens,
  gallery,
]);

export const newRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    // As they stand in the address: words one searches for are no JSON.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(search as Record<string, string>).toString();
      return text ? `?${text}` : "";
    },
    defaultPreloadStaleTime: 0,
    scrollRestoration: false,
    defaultNotFoundComponent: Missing,
    defaultErrorComponent: Crashed,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
