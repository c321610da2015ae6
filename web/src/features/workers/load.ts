/** What is promised to the instances of a worker, of what it has. */
import type { Worker, WorkerLoad } from "@/lib/types";

export type Memory = { promised: number; whole: number; percent: number };

/** What a worker holds: nothing when the answer does not name it, undefined while there is no answer. */
export function loadOf(loads: WorkerLoad[] | undefined, worker: string): WorkerLoad | undefined {
  const none = { worker_id: worker, running: 0, kept: 0, memory_bytes: 0 };
  return loads && (loads.find((each) => each.worker_id === worker) ?? none);
}

/** Null while the worker has not said what it has, or what is promised is not known. More may be promised than there is. */
export function memoryOf(worker: Worker, load: WorkerLoad | undefined): Memory | null {
  const whole = worker.capacity.memory_bytes;
  if (typeof whole !== "number" || !Number.isFinite(whole) || whole <= 0) return null;
  if (!load) return null;
  const promised = load.memory_bytes;
  return { promised, whole, percent: (promised / whole) * 100 };
}

/** One word for a worker: what the operator wants of it where that matters, else how it is. */
export function statusOfWorker(worker: Worker): string {
  if (worker.admin === "retired") return "retired";
  if (worker.health === "lost" || (worker.health === "ready" && !worker.connected)) return "lost";
  if (worker.health === "joining") return "joining";
  return worker.admin === "active" ? worker.health : worker.admin;
}
