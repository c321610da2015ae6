/** Every sentence the dashboard says, in one place: sentence case, verbs on buttons, what to do next. */
import { grouped } from "./time";

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const words = {
  app: "WiseHosting",
  plural,
  none: "None",
  actions: {
    cancel: "Cancel",
    close: "Close",
    copy: "Copy",
    copied: "Copied",
    copyYourself: "Select and copy it yourself",
    create: "Create",
    open: "Open",
    remove: "Remove",
    retry: "Retry",
    more: "More actions",
    skip: "Skip to content",
    menu: "Open navigation",
  },
  errors: {
    unexpected: (status: number) =>
      `The server answered with status ${status}. Try again; if it stays, look at the log of the control plane.`,
    unreachable:
      "The control plane does not answer. Your apps keep running. Check that it is up and that this machine reaches it.",
    title: "This could not be loaded",
    crash: "This page stopped working",
    crashHelp:
      "Nothing on the server changed. Reload the page; if it happens again, report the sentence below.",
    reload: "Reload",
    request: (id: string) => `Request ${id}`,
    missing: "There is nothing here",
    missingHelp: "The address may be wrong, or what it named was removed, or it belongs to another team.",
    toProjects: "Go to projects",
  },
  session: {
    title: "Sign in to WiseHosting",
    purpose: "Git repositories become running apps, on your own hosts.",
    signIn: "Sign in",
    signOut: "Sign out",
    ended: "Your session ended. Sign in again and you come back to this page.",
    signedOut: "You are signed out.",
    signingOut: "Signing out",
    stillIn: "You are still signed in",
    unreachable: "The control plane does not answer",
    waiting: "Trying again by itself.",
  },
  lostTeams: {
    title: (names: string[]) =>
      names.length === 1
        ? `You are not in the team ${names[0]} any more.`
        : `You are not in the teams ${names.join(", ")} any more.`,
    help: "Somebody took you out, or deleted it. Its projects run on without you; ask one of its owners.",
    dismiss: "Dismiss",
  },
  frame: {
    navigation: "Main",
    overview: "Overview",
    projects: "Projects",
    newProject: "New project",
    deployment: (number: number) => `#${number}`,
    teams: "Teams",
    toTeams: (name: string) => `${name}: go to your teams`,
    platform: "Platform",
    switchProject: "Switch project",
    breadcrumb: "Breadcrumb",
    workers: "Workers",
    account: "Account",
    gallery: "Gallery",
    moreProjects: (count: number) => `${grouped(count)} more`,
    audit: "Audit log",
    tokens: "API tokens",
    search: "Search or jump to",
    theme: "Theme",
    themes: { light: "Light", dark: "Dark", system: "System" },
    reconnecting: (age: string) => `Reconnecting. What you see is from ${age}.`,
    ready: "Platform ready",
    preparing: "Preparing",
    local: "local",
    workersReady: (ready: number, total: number) => `${ready} of ${plural(total, "worker", "workers")} ready`,
  },
  palette: {
    title: "Go to or do",
    placeholder: "Type a project, a page or an action",
    projectName: "Type the name of a project",
    empty: "Nothing matches. Try fewer letters.",
    more: (count: number) => `${grouped(count)} more. Type to narrow them down.`,
    kinds: { project: "Project", team: "Team", worker: "Worker", page: "Page", action: "Action" },
    deploy: (name: string) => `Deploy ${name}`,
    theme: (name: string) => `Theme: ${name}`,
  },
  status: {
    queued: "Queued",
    building: "Building",
    starting: "Starting",
    verifying: "Verifying",
    live: "Live",
    replaced: "Replaced",
    failed: "Failed",
    cancelled: "Cancelled",
    pending: "Pending",
    ready: "Ready",
    unready: "Not ready",
    exited: "Exited",
    stopped: "Stopped",
    stopping: "Stopping",
    removed: "Removed",
    joining: "Joining",
    lost: "Lost",
    preparing: "Preparing",
    waiting: "Waiting",
    none: "Not deployed",
    active: "Active",
    cordoned: "Cordoned",
    draining: "Draining",
    retired: "Retired",
    deleted: "Deleted",
    leaving: "Being removed",
  } as Record<string, string>,
  /** What a phase is called once it is done, and while it runs. */
  phases: {
    received: ["Received", "Receiving"],
    queued: ["Queued", "Queued"],
    checked_out: ["Checked out", "Checking out"],
    built: ["Built", "Building"],
    pushed: ["Pushed", "Pushing"],
    pulled: ["Pulled", "Pulling"],
    started: ["Started", "Starting"],
    healthy: ["Healthy", "Waiting for health"],
    routed: ["Routed", "Routing"],
    verified: ["Verified", "Verifying"],
  } as Record<string, [string, string]>,
  causes: {
    first: "First deployment",
    api: "Deployed by hand",
    poll: "New commit seen",
    hook: "Push received",
    rollback: "Rolled back",
    restart: "Restarted",
    restore: "Restored",
  } as Record<string, string>,
  base: {
    preparing: (name: string, time: string) => `Preparing the base image ${name} · ${time}`,
    more: (count: number) => (count === 1 ? "One more follows." : `${count} more follow.`),
    ready: (name: string) => `Base image ${name} ready`,
    failed: (name: string) => `The base image ${name} could not be made`,
    why: "The first build starts when it is there. This happens once per worker.",
  },
};

export const wordFor = (table: Record<string, string>, key: string): string => {
  const known = table[key];
  if (known) return known;
  const plainWord = key.replaceAll("_", " ");
  return plainWord.charAt(0).toUpperCase() + plainWord.slice(1);
};
