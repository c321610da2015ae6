import { ArrowDown, ArrowUp, Download, Search, WrapText, X } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Button } from "@/components/ui/button";
import { buildWords } from "@/lib/words-builds";
import { logWords } from "@/lib/words-deployments";
import { useDownload } from "./download";
import styles from "./log-tools.module.css";

type Props = {
  query: string;
  onQuery: (query: string) => void;
  at: number;
  count: number;
  onStep: (by: number) => void;
  wrap: boolean;
  onWrap: () => void;
  url: string;
  name: string;
  only: number | null;
  onAll?: () => void;
};

/** Search with its count, wrapping, download. Enter goes to the next match, Shift+Enter to the one before. */
export function LogTools({ query, onQuery, at, count, onStep, wrap, onWrap, url, name, only, onAll }: Props) {
  const download = useDownload(url, name);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") onQuery("");
  };
  return (
    <div className={styles.tools}>
      <h2>{logWords.title}</h2>
      {only === null ? null : (
        <Button small className={styles.only} title={buildWords.showAll} onClick={onAll}>
          {buildWords.shown(only)}
          <X aria-hidden />
        </Button>
      )}
      <div className={styles.search}>
        <Search aria-hidden />
        <input
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
        title={download.error ?? logWords.download}
        busy={download.busy}
        onClick={download.start}
      >
        <Download aria-hidden />
      </Button>
    </div>
  );
}
