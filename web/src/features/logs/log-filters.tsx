import { type LogAddress, STREAMS } from "@/lib/log-address";
import { logWords } from "@/lib/words-logs";
import styles from "./log-filters.module.css";
import { chipOf, writerName } from "./log-row";
import view from "./log-view.module.css";
import type { OpenLog } from "./use-log";
import type { ChangeAddress } from "./use-log-address";

function toggled(chosen: string[], one: string): string[] {
  return chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one];
}

type Choice = { id: string; name: string; title: string; chip?: string };

function Choices({
  label,
  choices,
  chosen,
  onChoose,
}: {
  label: string;
  choices: Choice[];
  chosen: string[];
  onChoose: (chosen: string[]) => void;
}) {
  return (
    <fieldset className={styles.choices}>
      <legend className="only-read">{label}</legend>
      <button
        type="button"
        className={styles.choice}
        aria-pressed={chosen.length === 0}
        onClick={() => onChoose([])}
      >
        {logWords.all}
      </button>
      {choices.map(({ id, name, title, chip }) => (
        <button
          key={id}
          type="button"
          className={`${styles.choice} ${chip ?? ""}`}
          title={title}
          aria-pressed={chosen.includes(id)}
          onClick={() => onChoose(toggled(chosen, id))}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

type Props = { log: OpenLog; address: LogAddress; change: ChangeAddress; instances: boolean };

/** Whose lines and which streams: shown once there is something to choose from, or something is chosen. */
export function LogFilters({ log, address, change, instances }: Props) {
  const writers = [...log.writers];
  for (const id of address.instances) if (!log.writers.has(id)) writers.push([id, ""]);
  const streams = STREAMS.filter((name) => log.streams.has(name) || address.streams.includes(name));
  const ofWriters = instances && (writers.length > 1 || address.instances.length > 0);
  const ofStreams = streams.length > 1 || address.streams.length > 0;
  if (!ofWriters && !ofStreams) return null;
  return (
    <div className={styles.filters}>
      {ofWriters ? (
        <Choices
          label={logWords.writers}
          choices={writers.map(([id, process]) => ({
            id,
            name: writerName(id, process),
            title: `${logWords.filterBy(process || id)}\n${id}`,
            chip: `${styles.chip} ${view[`chip${chipOf(id)}`]}`,
          }))}
          chosen={address.instances}
          onChoose={(chosen) => change({ instances: chosen })}
        />
      ) : null}
      {ofStreams ? (
        <Choices
          label={logWords.streams}
          choices={streams.map((id) => {
            const name = logWords.streamNames[id] ?? id;
            return { id, name, title: logWords.filterBy(name) };
          })}
          chosen={address.streams}
          onChoose={(chosen) => change({ streams: chosen })}
        />
      ) : null}
    </div>
  );
}
