/** How a project is built, as the fields of a form. Pure; an empty field is left to detection. */
import { argvOf, lineOf, OpenQuotation } from "@/lib/command";
import type { BuildSettings, FileSettings, Project } from "@/lib/types";
import { planWords } from "@/lib/words-plans";

export type Ways = "found" | "containerfile" | "image";

export type BuildForm = {
  rootDirectory: string;
  submodules: boolean;
  largeFiles: boolean;
  way: Ways;
  stack: string;
  version: string;
  install: string;
  build: string;
  start: string;
  packages: string;
  output: string;
  fallback: string;
  port: string;
  containerfile: string;
  target: string;
  image: string;
};
export type TextName = Exclude<keyof BuildForm, "submodules" | "largeFiles" | "way">;

export const EMPTY: BuildForm = {
  rootDirectory: "",
  submodules: false,
  largeFiles: false,
  way: "found",
  stack: "",
  version: "",
  install: "",
  build: "",
  start: "",
  packages: "",
  output: "",
  fallback: "",
  port: "",
  containerfile: "",
  target: "",
  image: "",
};

/** Which fields each way has, in the order they are asked. */
export const FIELDS: Record<Ways, TextName[]> = {
  found: ["stack", "version", "install", "build", "start", "port", "output", "fallback", "packages"],
  containerfile: ["containerfile", "target", "start", "port"],
  image: ["image", "start", "port"],
};

const wayOf = (build: BuildSettings): Ways =>
  build.image ? "image" : build.containerfile || build.target ? "containerfile" : "found";

export function formOf(project: Project): BuildForm {
  const { source, build } = project;
  return {
    rootDirectory: source.root_directory,
    submodules: source.submodules,
    largeFiles: source.large_files,
    way: wayOf(build),
    ...textsOf(build),
  };
}

/** Settings as the texts of their fields. */
export function textsOf(
  build: BuildSettings | FileSettings,
): Omit<Record<TextName, string>, "rootDirectory"> {
  return {
    stack: build.stack ?? "",
    version: build.version ?? "",
    install: build.install ?? "",
    build: build.build ?? "",
    start: lineOf(build.start ?? []),
    packages: (build.packages ?? []).join(" "),
    output: build.output ?? "",
    fallback: build.fallback ?? "",
    port: build.port ? String(build.port) : "",
    containerfile: build.containerfile ?? "",
    target: build.target ?? "",
    image: build.image ?? "",
  };
}

export function toSource(form: BuildForm) {
  return {
    root_directory: form.rootDirectory.trim(),
    submodules: form.submodules,
    large_files: form.largeFiles,
  };
}

/** What the API takes: fields of another way than the chosen one are not said. Only for a form without mistakes. */
export function toBuild(form: BuildForm): BuildSettings {
  const said = (name: TextName) => (FIELDS[form.way].includes(name) ? form[name].trim() : "");
  return {
    stack: said("stack"),
    version: said("version"),
    install: said("install"),
    build: said("build"),
    start: argvOf(said("start")),
    packages: said("packages")
      .split(/[\s,]+/)
      .filter(Boolean),
    output: said("output"),
    fallback: said("fallback"),
    port: said("port") ? Number(said("port")) : null,
    containerfile: said("containerfile"),
    target: said("target"),
    image: said("image"),
  };
}

/** Our own look at the form, before the server's. */
export function mistakesIn(form: BuildForm): Partial<Record<TextName, string>> {
  const found: Partial<Record<TextName, string>> = {};
  const shown = new Set(FIELDS[form.way]);
  const port = Number(form.port.trim() || 1);
  if (shown.has("port") && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    found.port = planWords.portWrong;
  if (form.way === "image" && form.image.trim() === "") found.image = planWords.imageMissing;
  try {
    argvOf(form.start);
  } catch (error) {
    if (!(error instanceof OpenQuotation)) throw error;
    if (shown.has("start")) found.start = planWords.startOpen;
  }
  return found;
}

/** How many settings differ. */
export function changesIn(before: BuildForm, after: BuildForm): number {
  return (Object.keys(EMPTY) as (keyof BuildForm)[]).filter((name) => {
    const [old, now] = [before[name], after[name]];
    return name !== "way" && (typeof old === "string" ? old.trim() !== String(now).trim() : old !== now);
  }).length;
}

/** The other way's fields are emptied: what is not shown is not sent. */
export function inWay(form: BuildForm, way: Ways): BuildForm {
  const kept = new Set<string>([...FIELDS[way], "rootDirectory"]);
  const emptied = Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      typeof value === "string" && !kept.has(name) ? "" : value,
    ]),
  );
  return { ...(emptied as BuildForm), way };
}
