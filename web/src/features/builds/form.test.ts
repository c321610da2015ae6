import { describe, expect, it } from "vitest";
import type { Project } from "@/lib/types";
import { changesIn, EMPTY, formOf, inWay, mistakesIn, toBuild } from "./form";

const projectWith = (build: Project["build"]) =>
  ({
    source: {
      provider: "git",
      url: "",
      branch: "main",
      root_directory: "api",
      submodules: true,
      large_files: false,
    },
    build,
  }) as Project;

describe("settings of a build in a form", () => {
  it("come back as they were read", () => {
    const build = {
      ...toBuild(EMPTY),
      stack: "node",
      start: ["sh", "-c", "exec node server.js --port $PORT"],
      packages: ["jq", "libpq5"],
      port: 3000,
    };
    expect(toBuild(formOf(projectWith(build)))).toEqual(build);
  });

  it("are those of a ready image, of a Containerfile, or of what is found", () => {
    expect(formOf(projectWith({ image: "docker.io/library/caddy:2" })).way).toBe("image");
    expect(formOf(projectWith({ target: "web" })).way).toBe("containerfile");
    expect(formOf(projectWith({ port: 80 })).way).toBe("found");
  });

  it("are not said when their field is not shown", () => {
    const typed = { ...EMPTY, stack: "node", image: "caddy:2", port: "80" };
    const image = inWay(typed, "image");
    expect(image.stack).toBe("");
    expect(toBuild(image)).toEqual({ ...toBuild(EMPTY), image: "caddy:2", port: 80 });
    expect(toBuild({ ...typed, way: "found" }).image).toBe("");
  });

  it("part packages by spaces and commas", () => {
    expect(toBuild({ ...EMPTY, packages: " jq,libpq5  ffmpeg " }).packages).toEqual([
      "jq",
      "libpq5",
      "ffmpeg",
    ]);
  });

  it.each([
    [{ port: "70000" }, "port"],
    [{ port: "many" }, "port"],
    [{ port: "1.5" }, "port"],
    [{ start: "echo 'oh" }, "start"],
    [{ way: "image" as const }, "image"],
  ])("with a mistake are not sent: %j", (change, field) => {
    expect(Object.keys(mistakesIn({ ...EMPTY, ...change }))).toEqual([field]);
  });

  it("without one may be sent", () => {
    expect(mistakesIn(EMPTY)).toEqual({});
    expect(mistakesIn({ ...EMPTY, port: " 3000 " })).toEqual({});
  });

  it("are counted by what differs, blanks aside", () => {
    expect(changesIn(EMPTY, { ...EMPTY, version: "3.12 ", submodules: true })).toBe(2);
    expect(changesIn(EMPTY, { ...EMPTY, version: " ", way: "containerfile" })).toBe(0);
  });
});
