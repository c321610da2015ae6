/** The sentences of what one does to a running app: releases, instances, deletion (part of the catalogue in `words.ts`). */
import { words } from "./words";

export const changeWords = {
  restart: "Restart",
  restarting: "Restarting",
  cancel: (number: number) => `Cancel deployment ${number}`,
  cancelNone: "Cancel deployment",
  why: {
    deleted: "The project is deleted. Restore it first.",
    nothingLive: "Nothing is live yet. Deploy first.",
    underWay: (number: number) =>
      `Deployment ${number} is under way and starts new instances anyway. Wait for it, or cancel it.`,
    nothingActive: "No deployment is under way.",
  },
};

export const releaseWords = {
  title: "Releases",
  help: "A release is a commit, built, with the variables it ran with. Any of them can be live again.",
  empty: "The first commit that is built appears here as release 1.",
  name: (number: number) => `Release ${number}`,
  kinds: {
    live: "Live",
    instant: "Instant",
    image: "From the kept image",
    gone: "Image removed",
    unknown: "Other",
  },
  kindHelp: {
    live: "What visitors get now.",
    instant: "Its instances are kept, stopped: it is live again within seconds.",
    image: "Starts new instances from the kept image.",
    gone: "Its image was removed; deploy the commit again.",
    unknown: "This page does not know how to roll back to it; deploy the commit again.",
  },
  rollback: (number: number) => `Roll back to ${number}`,
  rollbackTitle: (number: number) => `Roll back to release ${number}?`,
  rollingBack: "Rolling back",
  deployCommit: "Deploy its commit",
  older: "Show older releases",
  commit: "Commit",
  variables: "Variables",
  variablesBack: (version: number) =>
    version === 0
      ? "None: that release ran without variables. What is set now stays saved for the next deployment."
      : `Version ${version}, as that release had them. What is set now stays saved for the next deployment.`,
  takes: "How",
  takesInstant: "Instant: its kept instances are started again.",
  takesImage: "Starts new instances from the kept image.",
  cancels: (number: number) => `Deployment ${number} is under way. The rollback cancels it.`,
  stays: "What is live now stays live until the old release answers, and can be rolled forward to.",
  releaseLive: "It runs the same release, which is what visitors get now.",
  replaced: "A newer deployment took its place.",
  closedStreams: (count: number) =>
    `${words.plural(count, "stream was", "streams were")} still open at the end of the drain and had to be closed.`,
};

export const processWords = {
  title: "Processes",
  web: "web",
  ready: (ready: number, wanted: number) => `${ready} of ${wanted} ready`,
  draining: (count: number) => `${count} draining`,
  starting: (count: number) => `${count} starting`,
  wrong: (count: number) => `${count} not well`,
  all: "All processes",
  none: "No instance runs. They appear as soon as a deployment starts them.",
  nothingLive: "Nothing is live yet.",
  port: (port: number) => `port ${port}`,
  deployment: (number: number) => `deployment #${number}`,
  restarts: (count: number) => words.plural(count, "restart", "restarts"),
  started: "started",
  endedAt: "ended",
  stoppedAt: "stopped",
  staysLive: "The deployment stays live. This instance gets no visitors until it is ready again.",
  staysLiveAlone:
    "The deployment stays live, but no instance of it is ready: visitors get an error until one is.",
  rollBack: "Choose a release",
  ended: "Ended",
  again: "started again",
  waitsAgain: "is started again",
  exitCode: (code: number) => `exit code ${code}`,
  byItself: "by itself",
  reasons: {
    crashed_at_start: "Crashed at start",
    crash_loop: "Crash loop",
    nothing_listens: "Nothing listens",
    wrong_port: "Listens on another port",
    never_ready: "Never ready",
    out_of_memory: "Out of memory",
    needs_capability: "Needs a capability",
    no_start_command: "No start command",
    isolation_broken: "Isolation broken",
    image_missing: "Image missing",
    worker_error: "Worker error",
  } as Record<string, string>,
  kept: (count: number) => `${count} kept for instant rollback`,
  keptHelp: "Stopped instances of the last releases. They take disk, no memory and no CPU.",
  scale: "Instances",
  fewer: "One fewer",
  more: "One more",
  apply: (count: number) => `Scale to ${count}`,
  applying: "Scaling",
  down: (count: number) =>
    `${words.plural(count, "instance is", "instances are")} drained: what is open is finished first.`,
  up: (count: number) =>
    `${words.plural(count, "instance is", "instances are")} added to what is live. No deployment is made.`,
  withNext: "Nothing is live: it counts from the next deployment on.",
};

export const deletionWords = {
  zone: "Danger zone",
  zoneHelp: "Deleting can be undone for a while.",
  delete: "Delete project",
  deleting: "Deleting",
  deleteTitle: (name: string) => `Delete ${name}?`,
  stops: "Stops now",
  stopsWhat: (host: string) =>
    `${host} answers no more, all instances are stopped, a deployment under way is cancelled.`,
  kept: "Kept for now",
  keptWhat:
    "Releases with their images, variables, deployments and logs. Restoring starts what was live again.",
  untouched: "Not touched",
  untouchedWhat: "The Git repository.",
  typeName: (name: string) => `Type ${name} to confirm`,
  deleted: (until: string) => `Deleted. It can be restored until ${until}.`,
  deletedHelp:
    "It serves nothing. Everything else of it is kept until then, and nothing of it can be changed.",
  going: "Deleted for good. What is left of it is being removed.",
  restore: "Restore",
  restoring: "Restoring",
  forGood: "Delete for good now",
  forGoodTitle: (name: string) => `Delete ${name} for good?`,
  lost: "Lost",
  lostWhat: "Releases and their images, variables, deployments and logs. There is no way back.",
  hostname: "Address",
  hostnameWhat: (host: string) => `${host} stays reserved for your team for 30 days.`,
  undone: (name: string) => `${name} was deleted.`,
  undo: "Undo",
  dismiss: "Dismiss",
  list: (count: number) => words.plural(count, "deleted project", "deleted projects"),
  until: (date: string) => `can be restored until ${date}`,
  onlyDeleted: "All projects are deleted. Restore one, or begin a new one.",
  noCheck: "not checked while deleted",
};
