/** The sentences about what a deployment or a release changed (part of the catalogue in `words.ts`). */
import { words } from "./words";

const { plural } = words;

export const changesWords = {
  title: (previous: number) => `Changes since release ${previous}`,
  plain: "Changes",
  first: "The first release: nothing was before it.",
  same: "Nothing changed: the same commit, image, variables and settings.",
  building: "Its image and settings are known once it is built.",
  notBuilt: "It ended before there was an image, so nothing of it became live.",
  backwards: "Goes back to what was built earlier.",
  commits: "Commits",
  sameCommit: "the same commit",
  compare: "Compare",
  variables: "Variables",
  added: (name: string) => `${name} added`,
  changed: (name: string) => `${name} changed`,
  removed: (name: string) => `${name} removed`,
  image: "Image",
  imageSame: "the same image",
  bases: "Base image",
  base: {
    same: "the same",
    newer: "a newer one",
    older: "an older one",
    other: "another one",
    unknown: "of another worker; which one is newer is not known",
  } as Record<string, string>,
  settings: "Settings",
  notSet: "not set",
  replicas: "Instances",
  replicasHelp: (count: number) => `${count} of web; no deployment changes that`,
  line: {
    first: "first release",
    same: "nothing changed",
    commit: "commit",
    variables: (count: number) => plural(count, "variable", "variables"),
    settings: (count: number) => plural(count, "setting", "settings"),
    base: "base image",
    backwards: "goes back",
  },
};
