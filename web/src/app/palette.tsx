import { Dialog } from "@base-ui/react/dialog";
import { type KeyboardEvent, memo, useCallback, useDeferredValue, useId, useMemo, useState } from "react";
import dialog from "@/components/ui/dialog.module.css";
import { matching } from "@/lib/matching";
import { words } from "@/lib/words";
import styles from "./palette.module.css";
import { type Entry, useEntries, useProjects } from "./palette-entries";
import type { Offer } from "./palette-offer";

/** Of more matches the rest is a letter away; a thousand rows at once would make typing slow. */
const SHOWN = 30;
/** In sight when it opens; the others come right after. */
const AT_ONCE = 10;
type FoundProps = {
  id: string;
  title: string;
  shown: Entry[];
  current: Entry | undefined;
  more: number;
  run: (entry: Entry) => void;
};

/** The matches. It waits for no letter, and no letter waits for it. */
const Found = memo(function Found({ id, title, shown, current, more, run }: FoundProps) {
  return (
    <>
      <div className={styles.list} id={`${id}-list`} role="listbox" aria-label={title}>
        {shown.map((entry) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above handles the keys of its list
          <div
            key={entry.key}
            id={`${id}-${entry.key}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === current}
            className={styles.item}
            onClick={() => run(entry)}
          >
            {entry.sign()}
            <span className="cut">{entry.text}</span>
            <span className={styles.kind}>{entry.kind}</span>
          </div>
        ))}
      </div>
      {more > 0 ? <p className={styles.more}>{words.palette.more(more)}</p> : null}
    </>
  );
});

type Props = { title: string; placeholder: string; entries: Entry[]; onClose: () => void };

function List({ title, placeholder, entries, onClose }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(text);
  const found = useMemo(() => matching(entries, asked), [entries, asked]);
  const most = useDeferredValue(SHOWN, AT_ONCE);
  const shown = useMemo(() => found.slice(0, most), [found, most]);
  const current = shown[Math.min(at, shown.length - 1)];

  const run = useCallback(
    (entry: Entry) => {
      onClose();
      entry.run();
    },
    [onClose],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, shown.length - 1) + step + shown.length) % shown.length;
      setAt(next);
      document.getElementById(`${id}-${shown[next]?.key}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What the letters typed so far find, also when the list has not caught up with them.
      const first = asked === text ? current : matching(entries, text)[0];
      if (first) run(first);
    }
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.scrim} />
        <Dialog.Popup className={dialog.popup}>
          <Dialog.Title className="only-read">{title}</Dialog.Title>
          <input
            className={styles.input}
            role="combobox"
            aria-expanded
            aria-controls={`${id}-list`}
            aria-activedescendant={current ? `${id}-${current.key}` : undefined}
            aria-label={title}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <Found
            id={id}
            title={title}
            shown={shown}
            current={current}
            more={found.length - shown.length}
            run={run}
          />
          {shown.length === 0 ? <p className={styles.empty}>{words.palette.empty}</p> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function All({ onClose }: { onClose: () => void }) {
  const { title, placeholder } = words.palette;
  return <List title={title} placeholder={placeholder} entries={useEntries()} onClose={onClose} />;
}

function Projects({ onClose }: { onClose: () => void }) {
  const title = words.frame.switchProject;
  return (
    <List title={title} placeholder={words.palette.projectName} entries={useProjects()} onClose={onClose} />
  );
}

/** Projects, pages and actions by typing. */
export default function Palette({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  return offer === "all" ? <All onClose={onClose} /> : <Projects onClose={onClose} />;
}
