import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { type LogRow, LogSearch } from "@/lib/log";
import { buildWords } from "@/lib/words-builds";
import { logWords } from "@/lib/words-deployments";
import { LogRowContent } from "./log-row";
import { LogTools } from "./log-tools";
import styles from "./log-view.module.css";
import { useFollow } from "./use-follow";
import { type OpenLog, useLog } from "./use-log";

const LINE = 18;

type Props = {
  url: string;
  /** The file's name of the download. */
  name: string;
  /** Said while nothing has come yet. */
  waiting: string;
  /** Shows which instance wrote a line; the log then stands alone on its page. */
  instances?: boolean;
  /** Only the lines of this step of a build are shown. */
  only?: number | null;
  /** Shows all lines again. */
  onAll?: () => void;
};

function rowClass(row: LogRow, current: number | undefined): string {
  if (row.kind === "gap") return styles.row ?? "";
  const stream = row.stream === "stderr" || row.stream === "platform" ? styles[row.stream] : "";
  return `${styles.row} ${stream} ${row.key === current ? styles.found : ""}`;
}

function emptyWords(log: OpenLog, only: number | null, waiting: string): string {
  if (only !== null && log.rows.length > 0) return buildWords.noLines;
  return log.ended === null ? waiting : logWords.endedEmpty;
}

function Foot({ log }: { log: OpenLog }) {
  if (log.refused !== null && log.refused !== 401) return <Notice tone="bad">{logWords.refused}</Notice>;
  const lines = logWords.lines(log.rows.length + log.forgotten);
  const state =
    log.ended !== null ? logWords.ended : log.state === "waiting" ? logWords.reconnecting : logWords.follow;
  return (
    <div className={`${styles.foot} numbers`} role="status">
      {log.rows.length > 0 ? `${lines} · ` : ""}
      {state}
    </div>
  );
}

/** A log that is written while one reads it. */
export function LogView({ url, name, waiting, instances = false, only = null, onAll }: Props) {
  const log = useLog(url);
  const rows = useMemo(
    () => (only === null ? log.rows : log.rows.filter((row) => row.kind === "line" && row.step === only)),
    [log.rows, only],
  );
  const box = useRef<HTMLDivElement>(null);
  const [wrap, setWrap] = useState(false);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was found among other lines does not count
  const search = useMemo(() => new LogSearch(), [only]);
  const matches = useMemo(() => search.update(rows, query.trim()), [search, rows, query]);
  const total = rows.length + log.forgotten;
  const { follow, onScroll, toEnd, letGo, fresh } = useFollow(box, total);
  const steps = !instances && only === null && rows.some((row) => row.kind === "line" && row.step > 0);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 24,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the heights measured for the other mode do not hold
  useEffect(() => virtual.measure(), [wrap]);

  useEffect(() => {
    if (only === null) return;
    letGo();
    if (box.current) box.current.scrollTop = 0;
  }, [only, letGo]);

  const current = matches[Math.min(at, matches.length - 1)];
  const step = (by: number) => {
    if (matches.length === 0) return;
    const next = (Math.min(at, matches.length - 1) + by + matches.length) % matches.length;
    setAt(next);
    letGo();
    // Keys are given in order, so the row of a key is found by halving.
    const key = matches[next] ?? 0;
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.key ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    virtual.scrollToIndex(low, { align: "center" });
  };

  return (
    <section className={`${styles.log} ${instances ? styles.alone : ""}`} aria-label={logWords.title}>
      <LogTools
        query={query}
        onQuery={(text) => {
          setQuery(text);
          setAt(0);
        }}
        at={matches.length === 0 ? 0 : Math.min(at, matches.length - 1) + 1}
        count={matches.length}
        onStep={step}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        url={url}
        name={name}
        only={only}
        onAll={onAll}
      />
      <div className={styles.area}>
        <div
          ref={box}
          className={`${styles.rows} ${wrap ? styles.wrap : ""}`}
          onScroll={onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={logWords.title}
        >
          {log.forgotten > 0 && only === null ? (
            <p className={styles.gap}>{logWords.forgotten(log.forgotten)}</p>
          ) : null}
          <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              return row ? (
                <div
                  key={item.key}
                  ref={wrap ? virtual.measureElement : undefined}
                  data-index={item.index}
                  className={rowClass(row, query ? current : undefined)}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LogRowContent
                    row={row}
                    wanted={query.trim().toLowerCase()}
                    instances={instances}
                    steps={steps}
                  />
                </div>
              ) : null;
            })}
          </div>
        </div>
        {rows.length === 0 ? <p className={styles.empty}>{emptyWords(log, only, waiting)}</p> : null}
        {!follow && log.ended === null ? (
          <Button small look="primary" className={styles.jump} onClick={toEnd}>
            <ArrowDown aria-hidden />
            {fresh > 0 ? logWords.jumpCount(fresh) : logWords.jump}
          </Button>
        ) : null}
      </div>
      <Foot log={log} />
    </section>
  );
}
