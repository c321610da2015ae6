import { ArrowDown, ArrowUp, Download, Search, WrapText, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { buildWords } from "@/lib/words-builds";
import { logWords } from "@/lib/words-logs";
import { useDownload } from "./download";
import styles from "./log-tools.module.css";

type Props = {
  query: string;
  onQuery: (query: string) => void;
  at: number;
  count: number;
  onStep: (by: 1 | -1) => void;
  wrap: boolean;
  onWrap: () => void;
  url: string;
  name: string;
  instances: boolean;
  step: number | null;
  onAll: () => void;
};

/** `/` anywhere but in a field, and the key of the browser's own search within the log. */
function useSearchKeys() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const writing = target?.closest("input, textarea, select, [contenteditable]");
      const slash = event.key === "/" && !writing && !event.metaKey && !event.ctrlKey && !event.altKey;
      const inLog = target !== null && input.current?.closest("section")?.contains(target);
      const find = event.key === "f" && (event.metaKey || event.ctrlKey) && inLog;
      // Pressed again it is the browser's: not all that is on the page is in the log.
      if ((!slash && !find) || target === input.current) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return input;
}

/** Search with its count, wrapping, download. Enter goes to the next match, Shift+Enter to the one before. */
export function LogTools(props: Props) {
  const { query, onQuery, at, count, onStep, wrap, onWrap, url, name, instances, step, onAll } = props;
  const download = useDownload(url, name, instances);
  const input = useSearchKeys();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") onQuery("");
  };
  return (
    <div className={styles.tools}>
      <h2>{logWords.title}</h2>
      {step === null ? null : (
        <Button small className={styles.only} title={buildWords.showAll} onClick={onAll}>
          {buildWords.shown(step)}
          <X aria-hidden />
        </Button>
      )}
      <div className={styles.search}>
        <Search aria-hidden />
        <input
          ref={input}
          type="text"
          aria-label={logWords.search}
          placeholder={logWords.search}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={onKeyDown}
          autoComplete="off"
          spellCheck={false}
        />
        {query ? (
          <span className={`${styles.count} numbers`} role="status">
            {logWords.matches(at, count)}
          </span>
        ) : null}
      </div>
      {query ? (
        <>
          <Button
            look="quiet"
            small
            icon
            aria-label={logWords.previous}
            disabled={count === 0}
            onClick={() => onStep(-1)}
          >
            <ArrowUp aria-hidden />
          </Button>
          <Button
            look="quiet"
            small
            icon
            aria-label={logWords.next}
            disabled={count === 0}
            onClick={() => onStep(1)}
          >
            <ArrowDown aria-hidden />
          </Button>
        </>
      ) : null}
      <Button
        look="quiet"
        small
        icon
        aria-label={logWords.wrap}
        title={logWords.wrap}
        aria-pressed={wrap}
        className={wrap ? styles.on : undefined}
        onClick={onWrap}
      >
        <WrapText aria-hidden />
      </Button>
      <Button
        look="quiet"
        small
        icon
        aria-label={logWords.download}
        title={download.error ?? (instances ? logWords.downloadEnds : logWords.download)}
        busy={download.busy}
        onClick={download.start}
      >
        <Download aria-hidden />
      </Button>
    </div>
  );
}
