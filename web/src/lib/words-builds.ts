/** The sentences of builds (part of the catalogue in `words.ts`). */
import { words } from "./words";

export const buildWords = {
  title: "Build",
  steps: "Steps",
  counted: (steps: number, cached: number) =>
    `${words.plural(steps, "step", "steps")}${cached > 0 ? `, ${cached} cached` : ""}`,
  reused: "Nothing was built: the same files, settings and bases were built before.",
  cached: "cached",
  cachedHelp: "This step and all above it were found done by an earlier build.",
  failed: "failed",
  stage: (name: string) => `Stage ${name}`,
  show: (step: number) => `Show the lines of step ${step}`,
  seeLog: "See the log",
  showFailed: (step: number) => `Show all lines of step ${step}`,
  failedStep: (step: number) => `Step ${step} failed`,
  shown: (step: number) => `Lines of step ${step}`,
  showAll: "Show all lines",
  noLines: "This step wrote nothing.",
  lastLines: "Its last lines",
  plan: "Detected",
  found: "Found",
  notes: "Notes",
  commands: "Commands and Containerfile",
  install: "Install",
  build: "Build",
  start: "Start",
  port: "Port",
  version: "Version",
  images: "Base images",
  containerfile: "Containerfile",
};
