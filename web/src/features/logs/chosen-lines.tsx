import { X } from "lucide-react";
import { useMemo } from "react";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import type { LogRow } from "@/lib/log";
import { indexOfKey } from "@/lib/log-search";
import { plain } from "@/lib/terminal";
import { logWords } from "@/lib/words-logs";
import styles from "./log-filters.module.css";

type Props = { rows: LogRow[]; from: number; to: number; onLetGo: () => void };

/** What to do with the lines that are chosen. */
export function ChosenLines({ rows, from, to, onLetGo }: Props) {
  const last = rows.at(-1)?.key ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: between two lines that are there nothing changes any more
  const lines = useMemo(
    () =>
      rows
        .slice(indexOfKey(rows, from), indexOfKey(rows, to + 1))
        .flatMap((row) => (row.kind === "line" ? [plain(row.text)] : [])),
    [from, to, last >= to],
  );
  return (
    <div className={`${styles.filters} ${styles.chosen}`}>
      <span className="numbers" role="status">
        {logWords.chosen(lines.length)}
      </span>
      <Copy text={lines.join("\n")} label={logWords.copyLines} words />
      <Copy text={window.location.href} label={logWords.copyLink} link />
      <Button look="quiet" small icon aria-label={logWords.letGo} title={logWords.letGo} onClick={onLetGo}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
