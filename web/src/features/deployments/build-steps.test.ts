import { describe, expect, it } from "vitest";
import type { Build } from "@/lib/types";
import { explains, firstLine, stepBars } from "./build-steps";

const build = (steps: [number, number, boolean, string][], failed: number | null = null): Build => ({
  id: "b",
  commit: null,
  reused: false,
  image: null,
  image_size: null,
  created_at: "2026-12-01T09:00:00Z",
  finished_at: null,
  plan: null,
  steps: steps.map(([number, seconds, cached, stage]) => ({
    number,
    instruction: "RUN make",
    seconds,
    cached,
    stage,
  })),
  failed_step: failed,
  last_lines: [],
  hint: null,
});

describe("the bars of a build's steps", () => {
  it("are as long as their share of the longest one", () => {
    const bars = stepBars(
      build([
        [1, 2, false, "1"],
        [2, 8, false, "1"],
      ]),
    );
    expect(bars.map((bar) => bar.width)).toEqual([25, 100]);
  });

  it("mark what took a good part of the build, and never a blink or what was found done", () => {
    const slow = (...seconds: number[]) =>
      stepBars(build(seconds.map((each, at) => [at + 1, each, at === 0, "1"]))).map((bar) => bar.slow);
    expect(slow(9, 5, 1.5, 3)).toEqual([false, true, false, false]);
    expect(slow(0, 0.5, 0.1)).toEqual([false, false, false]);
  });

  it("name a stage where it begins, when there are several", () => {
    const named = (...stages: string[]) =>
      stepBars(build(stages.map((stage, at) => [at + 1, 1, false, stage]))).map((bar) => bar.stageBegins);
    expect(named("1", "1")).toEqual([null, null]);
    expect(named("web", "web", "2")).toEqual(["web", null, "2"]);
  });

  it("are none for a build without steps, and of no length for steps without seconds", () => {
    expect(stepBars(build([]))).toEqual([]);
    expect(stepBars(build([[1, 0, false, "1"]]))[0]?.width).toBe(0);
  });

  it("know the failing step", () => {
    const bars = stepBars(
      build(
        [
          [1, 1, false, "1"],
          [2, 1, false, "1"],
        ],
        2,
      ),
    );
    expect(bars.map((bar) => bar.failed)).toEqual([false, true]);
  });
});

describe("a failed build", () => {
  it("is explained by its step, its last lines or its hint", () => {
    expect(explains(undefined)).toBe(false);
    expect(explains(build([[1, 1, false, "1"]]))).toBe(false);
    expect(explains(build([[1, 1, false, "1"]], 1))).toBe(true);
    expect(explains({ ...build([]), last_lines: ["no space"] })).toBe(true);
  });

  it("has one sentence above what its detail quotes", () => {
    expect(firstLine("It ended.\nA hint.\nIts last lines:\nx")).toBe("It ended.");
    expect(firstLine("It ended.")).toBe("It ended.");
  });
});
