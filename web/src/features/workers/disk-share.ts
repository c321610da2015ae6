/** How full a worker's disk is. */
import type { Disk } from "@/lib/types";

/** From this share on, in percent, it is shown as short. */
export const SHORT = 90;

/** How full a bar is, in percent, between 0 and 100: of the budget, or of what the disk could hold. */
export function share(disk: Disk): number {
  const whole = disk.budget_bytes ?? disk.used_bytes + disk.free_bytes;
  if (whole <= 0) return 100;
  return Math.min(100, (disk.used_bytes / whole) * 100);
}
