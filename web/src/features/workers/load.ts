/** What is promised to the instances of a worker, of what it has. */
import type { Worker, WorkerLoad } from "@/lib/types";

export type Memory = { promised: number; whole: number; percent: number };

/** Null while the worker has not said what it has. More may be promised than there is. */
export function memoryOf(worker: Worker, load: WorkerLoad | undefined): Memory | null {
  const whole = worker.capacity.memory_bytes;
  if (typeof whole !== "number" || !Number.isFinite(whole) || whole <= 0) return null;
  const promised = load?.memory_bytes ?? 0;
  return { promised, whole, percent: (promised / whole) * 100 };
}

/** One word for a worker: what the operator wants of it where that matters, else how it is. */
export function statusOfWorker(worker: Worker): string {
  if (worker.admin === "retired") return "retired";
  if (worker.health === "lost" || (worker.health === "ready" && !worker.connected)) return "lost";
  if (worker.health === "joining") return "joining";
  return worker.admin === "active" ? worker.health : worker.admin;
}
