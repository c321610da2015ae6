/** The sums of a build's steps: how long a bar is, and which ones catch the eye. */
import type { Build, BuildStep } from "@/lib/types";

export type StepBar = BuildStep & {
  /** Share of the longest step, in percent. */
  width: number;
  /** It took a good part of the build: worth a look when builds should be faster. */
  slow: boolean;
  failed: boolean;
  /** The stage that begins with it, when there are several. */
  stageBegins: string | null;
};

const SLOW_SECONDS = 1;
const SLOW_SHARE = 0.2;

export function stepBars(build: Build): StepBar[] {
  const { steps } = build;
  const total = steps.reduce((sum, step) => sum + step.seconds, 0);
  const longest = Math.max(0, ...steps.map((step) => step.seconds));
  const several = new Set(steps.map((step) => step.stage)).size > 1;
  return steps.map((step, index) => ({
    ...step,
    width: longest > 0 ? (step.seconds / longest) * 100 : 0,
    slow: !step.cached && step.seconds >= SLOW_SECONDS && step.seconds >= total * SLOW_SHARE,
    failed: step.number === build.failed_step,
    stageBegins: several && steps[index - 1]?.stage !== step.stage ? step.stage : null,
  }));
}

/** What happened, as one line: a detail quotes the hint and the last lines below it. */
export function firstLine(detail: string): string {
  return detail.split("\n", 1)[0] ?? "";
}

/** Whether it tells more of a failure than the deployment's own sentence. */
export function explains(build: Build | null | undefined): build is Build {
  return !!build && (build.failed_step !== null || build.last_lines.length > 0 || build.hint !== null);
}
