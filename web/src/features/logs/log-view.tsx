import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { type LogRow, refOf } from "@/lib/log";
import { chosenBy, type LineRef, type LogAddress } from "@/lib/log-address";
import { LineFinder, LogFilter, LogSearch, placeOf, rowOf, stepTo } from "@/lib/log-search";
import { buildWords } from "@/lib/words-builds";
import { logWords } from "@/lib/words-logs";
import { ChosenLines } from "./chosen-lines";
import { LogFilters } from "./log-filters";
import { Row } from "./log-row";
import { LogTools } from "./log-tools";
import styles from "./log-view.module.css";
import { useColumns } from "./use-columns";
import { type OpenLog, useLog } from "./use-log";
import type { ChangeAddress } from "./use-log-address";
import { useWindow } from "./use-window";

/** What stands before a line's text, in pixels: the edges, the time, the instance or the step. */
const BEFORE = { edges: 24, time: 72, instance: 96, step: 24 };
/** Lines before the one a link names, so that it stands among its neighbours. */
const NEIGHBOURS = 200;

type Props = {
  url: string;
  /** The file's name of the download. */
  name: string;
  /** Said while nothing has come yet. */
  waiting: string;
  /** What is seen of it, and how to see something else: the page's, for it may choose as well. */
  view: [address: LogAddress, change: ChangeAddress];
  /** Several instances write; the log then stands alone on its page. */
  instances?: boolean;
};

function emptyWords(log: OpenLog, step: number | null, waiting: string): string {
  if (log.rows.length > 0) return step === null ? logWords.noneWanted : buildWords.noLines;
  return log.ended === null ? waiting : logWords.endedEmpty;
}

function Foot({ log, shown, follow }: { log: OpenLog; shown: number; follow: boolean }) {
  if (log.refused !== null && log.refused !== 401) return <Notice tone="bad">{logWords.refused}</Notice>;
  const all = log.rows.length + log.forgotten;
  const lines = shown < log.rows.length ? logWords.filtered(shown, all) : logWords.lines(all);
  const state =
    log.ended !== null
      ? logWords.ended
      : log.state === "waiting"
        ? logWords.reconnecting
        : follow
          ? logWords.follow
          : logWords.resting;
  return (
    <div className={`${styles.foot} numbers`} role="status">
      {log.rows.length > 0 ? `${lines} · ` : ""}
      {state}
    </div>
  );
}

/** The event to begin after, so that a line of an app that a link names is among what comes. */
function beginAfter({ match, lines, top }: LogAddress): string | null {
  const goal = match ?? lines?.from ?? top;
  return goal?.instance ? `${goal.instance}:${Math.max(0, goal.n - NEIGHBOURS)}` : null;
}

const useFinder = (rows: LogRow[], line: LineRef | null): number | null =>
  useMemo(() => new LineFinder(), []).find(rows, line);

/** A log that is written while one reads it. */
export function LogView({ url, name, waiting, view, instances = false }: Props) {
  const [address, change] = view;
  const log = useLog(url, instances ? beginAfter(address) : null);
  const { instances: writers, streams, step } = address;
  const filter = useMemo(
    () => new LogFilter({ instances: writers, streams, step }),
    [writers, streams, step],
  );
  const rows = useMemo(() => filter.update(log.rows), [filter, log.rows]);
  const query = address.query.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was found among other lines does not count
  const search = useMemo(() => new LogSearch(), [filter]);
  const matches = useMemo(() => search.update(rows, query), [search, rows, query]);

  const box = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const steps = !instances && step === null && rows.some((row) => row.kind === "line" && row.step > 0);
  const before = BEFORE.edges + BEFORE.time + (instances ? BEFORE.instance : 0) + (steps ? BEFORE.step : 0);
  const columns = useColumns(box, probe, address.wrap, before);

  const total = log.rows.length + log.forgotten;
  const seen = useRef(total);
  const [letGoAt, setLetGoAt] = useState(0);
  seen.current = total;
  const onFollow = useCallback(
    (follow: boolean) => {
      if (!follow) setLetGoAt((at) => at || seen.current);
      else setLetGoAt(0);
      change(follow ? { follow, top: null } : { follow });
    },
    [change],
  );
  const onTop = useCallback(
    (row: LogRow | undefined) => row?.kind === "line" && change({ top: refOf(row) }),
    [change],
  );
  const shown = useWindow({
    box,
    rows,
    choice: filter,
    columns,
    follow: address.follow,
    onFollow,
    onTop,
  });

  const matchKey = useFinder(log.rows, address.match);
  const fromKey = useFinder(log.rows, address.lines?.from ?? null);
  const toKey = useFinder(log.rows, address.lines?.to ?? null);
  const topKey = useFinder(log.rows, address.top);

  // Where a link leads: once, as soon as the line has come.
  const goal = useRef<"match" | "lines" | "top" | null>(
    address.follow ? null : address.match ? "match" : address.lines ? "lines" : "top",
  );
  const goalKey = { match: matchKey, lines: fromKey, top: topKey }[goal.current ?? "top"];
  const { reveal, toTop } = shown;
  useEffect(() => {
    if (goal.current === null || goalKey === null) return;
    if (goal.current === "top") toTop(goalKey);
    else reveal(goalKey);
    goal.current = null;
  }, [goalKey, reveal, toTop]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another step leads to its own first line
  useEffect(() => {
    if (step === null || goal.current !== null) return;
    change({ follow: false, top: null });
    if (box.current) box.current.scrollTop = 0;
  }, [step]);

  const onStep = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const key = stepTo(matches, matchKey, shown.topKey, by);
    const row = rowOf(rows, key);
    if (row?.kind !== "line") return;
    setLetGoAt((at) => at || total);
    change({ match: refOf(row), follow: false });
    reveal(key);
  };
  const onChoose = useCallback(
    (line: LineRef, shift: boolean) => {
      const lines = chosenBy(address.lines, line, shift);
      change(lines ? { lines, follow: false } : { lines });
      if (lines) setLetGoAt((at) => at || seen.current);
    },
    [address.lines, change],
  );
  const range =
    fromKey !== null && toKey !== null ? [Math.min(fromKey, toKey), Math.max(fromKey, toKey)] : null;
  const isChosen = (key: number) => range !== null && key >= (range[0] ?? 0) && key <= (range[1] ?? 0);
  const at = matchKey === null ? -1 : placeOf(matches, matchKey);

  return (
    <section className={`${styles.log} ${instances ? styles.alone : ""}`} aria-label={logWords.title}>
      <LogTools
        query={address.query}
        onQuery={(text) => change({ query: text, match: null })}
        at={matches[at] === matchKey ? at + 1 : 0}
        count={matches.length}
        onStep={onStep}
        wrap={address.wrap}
        onWrap={() => change({ wrap: !address.wrap })}
        url={url}
        name={name}
        instances={instances}
        step={step}
        onAll={() => change({ step: null })}
      />
      <LogFilters log={log} address={address} change={change} instances={instances} />
      {range ? (
        <ChosenLines
          rows={log.rows}
          from={range[0] ?? 0}
          to={range[1] ?? 0}
          onLetGo={() => change({ lines: null })}
        />
      ) : null}
      <div className={styles.area}>
        <div
          ref={box}
          className={`${styles.rows} ${address.wrap ? styles.wrap : ""}`}
          onScroll={shown.onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={logWords.title}
        >
          <span ref={probe} className={styles.probe} aria-hidden>
            {"0".repeat(40)}
          </span>
          <div className={styles.all} style={{ height: shown.total }}>
            {shown.shown.map(({ row, top, height }) => (
              <Row
                key={row.key}
                row={row}
                top={top}
                height={height}
                wanted={query.toLowerCase()}
                instances={instances}
                steps={steps}
                found={row.key === matchKey && query !== ""}
                chosen={isChosen(row.key)}
                onChoose={onChoose}
              />
            ))}
          </div>
        </div>
        {rows.length === 0 ? <p className={styles.empty}>{emptyWords(log, step, waiting)}</p> : null}
        {log.forgotten > 0 && !address.follow && shown.topKey === rows[0]?.key ? (
          <p className={styles.forgotten}>{logWords.forgotten(log.forgotten)}</p>
        ) : null}
        {!address.follow && log.ended === null ? (
          <Button small look="primary" className={styles.jump} onClick={() => onFollow(true)}>
            <ArrowDown aria-hidden />
            {letGoAt > 0 && total > letGoAt ? logWords.jumpCount(total - letGoAt) : logWords.jump}
          </Button>
        ) : null}
      </div>
      <Foot log={log} shown={rows.length} follow={address.follow} />
    </section>
  );
}
