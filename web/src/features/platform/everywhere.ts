/** Over all workers: the base images, and the disks. */
import type { Disk, Platform, Worker } from "@/lib/types";

export type BaseEverywhere = {
  name: string;
  short: string;
  /** The one that needs a look where workers differ. */
  status: string;
  /** Workers that have it, of those that have it or will. Both 0 where one may not see the workers. */
  ready: number;
  workers: number;
  /** The longest that one took. */
  seconds: number;
  onDemand: boolean;
  detail: string;
};

const WORST = ["failed", "building", "waiting", "ready"];
const rank = (status: string): number => {
  const at = WORST.indexOf(status);
  return at < 0 ? 1 : at;
};

const counts = (worker: Worker): boolean => worker.admin !== "retired";

export function basesOf(platform: Platform, workers: Worker[] | undefined): BaseEverywhere[] {
  const seen = workers?.filter(counts).flatMap((each) => each.bases) ?? [];
  const found = new Map<string, BaseEverywhere>();
  for (const base of workers ? seen : platform.bases) {
    const known = found.get(base.name);
    const ready = workers && base.status === "ready" ? 1 : 0;
    const worse = !known || rank(base.status) < rank(known.status);
    found.set(base.name, {
      name: base.name,
      short: base.name.replace(/^localhost\/wisehosting\//, ""),
      status: worse ? base.status : known.status,
      ready: (known?.ready ?? 0) + ready,
      workers: (known?.workers ?? 0) + (workers ? 1 : 0),
      seconds: Math.max(known?.seconds ?? 0, base.seconds ?? 0),
      onDemand: base.on_demand && (known?.onDemand ?? true),
      detail: worse ? (base.status === "ready" ? "" : base.detail) : known.detail,
    });
  }
  return [...found.values()]
    .map((each) => ({ ...each, status: each.status === "building" ? "preparing" : each.status }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The disks of all workers as one; without a budget as soon as one has none. Null before the first report. */
export function diskOf(workers: Worker[]): Disk | null {
  const disks = workers.filter(counts).flatMap((each) => (each.disk ? [each.disk] : []));
  if (disks.length === 0) return null;
  const sum = (of: (disk: Disk) => number) => disks.reduce((total, each) => total + of(each), 0);
  return {
    budget_bytes: disks.every((each) => each.budget_bytes !== null)
      ? sum((each) => each.budget_bytes ?? 0)
      : null,
    used_bytes: sum((each) => each.used_bytes),
    free_bytes: sum((each) => each.free_bytes),
  };
}
