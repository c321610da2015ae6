/** The phase bar's sums: from the phases of a deployment to segments as wide as their seconds. */
import type { Deployment, Phase } from "@/lib/types";
import { wordFor, words } from "@/lib/words";

export type Segment = {
  phase: string;
  label: string;
  seconds: number;
  /** Share of the bar, in percent. All shares sum to 100. */
  width: number;
  state: "done" | "running" | "failed" | "stopped";
};

/** Below this share a segment could not be seen or pointed at. */
const LEAST = 1.5;

export const ACTIVE = new Set(["queued", "building", "starting", "verifying"]);
const key = (phase: string): string => phase.replaceAll(" ", "_");

export function phaseLabel(phase: string, running: boolean): string {
  const pair = words.phases[key(phase)];
  return pair ? pair[running ? 1 : 0] : wordFor({}, phase);
}

function secondsOf(phase: Phase, end: number): number {
  if (typeof phase.seconds === "number") return Math.max(0, phase.seconds);
  return Math.max(0, (end - Date.parse(phase.started_at)) / 1000);
}

/** Shares of 100 in proportion to the seconds, none under the least share; what that costs the long ones pay. */
export function shares(seconds: number[]): number[] {
  const total = seconds.reduce((sum, each) => sum + each, 0);
  if (seconds.length === 0) return [];
  if (total <= 0) return seconds.map(() => 100 / seconds.length);
  const small = seconds.map((each) => (each / total) * 100 < LEAST);
  const paid = small.filter(Boolean).length * LEAST;
  const large = seconds.reduce((sum, each, index) => sum + (small[index] ? 0 : each), 0);
  return seconds.map((each, index) => (small[index] ? LEAST : (each / large) * (100 - paid)));
}

/** The segments of a deployment at the moment `now` (milliseconds). */
export function segments(deployment: Deployment, now: number): Segment[] {
  const active = ACTIVE.has(deployment.status);
  const end = active || !deployment.finished_at ? now : Date.parse(deployment.finished_at);
  const seconds = deployment.phases.map((phase) => secondsOf(phase, end));
  const widths = shares(seconds);
  const last = deployment.phases.length - 1;
  return deployment.phases.map((phase, index) => {
    const open = typeof phase.seconds !== "number";
    let state: Segment["state"] = "done";
    if (open && active) state = "running";
    else if (deployment.status === "failed" && (open || index === last)) state = "failed";
    else if (deployment.status === "cancelled" && (open || index === last)) state = "stopped";
    return {
      phase: phase.phase,
      label: phaseLabel(phase.phase, state === "running" || state === "failed"),
      seconds: seconds[index] ?? 0,
      width: widths[index] ?? 0,
      state,
    };
  });
}

/** Seconds from the row's creation to its end, or until now. */
export function took(deployment: Deployment, now: number): number {
  const end = deployment.finished_at ? Date.parse(deployment.finished_at) : now;
  return Math.max(0, (end - Date.parse(deployment.created_at)) / 1000);
}
