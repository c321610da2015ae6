/** What a worker has, in words; whatever an older or newer agent leaves out or adds changes nothing here. */
import { bytes } from "@/lib/time";
import { wordFor } from "@/lib/words";
import { workerWords } from "@/lib/words-deployments";

const count = (record: Record<string, unknown>, key: string): number | null => {
  const value = record[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
};

/** `4 CPUs`, `7.8 GB memory`, `51 GB of 98 GB disk free`, as far as they are known and asked for. */
export function capacityLines(capacity: Record<string, unknown>, withDisk: boolean): string[] {
  const lines: string[] = [];
  const cpus = count(capacity, "cpus");
  const memory = count(capacity, "memory_bytes");
  const disk = count(capacity, "disk_bytes");
  const free = count(capacity, "disk_free_bytes");
  if (cpus !== null) lines.push(workerWords.cpus(cpus));
  if (memory !== null) lines.push(workerWords.memory(bytes(memory)));
  if (withDisk && disk !== null && free !== null) lines.push(workerWords.disk(bytes(free), bytes(disk)));
  return lines;
}

/** Name and version of what runs on a worker, without what is empty. */
export function versionPairs(versions: Record<string, unknown>): [string, string][] {
  return Object.entries(versions).flatMap(([name, value]) =>
    typeof value === "string" && value !== ""
      ? [[wordFor(workerWords.versionNames, name), value] as [string, string]]
      : [],
  );
}
