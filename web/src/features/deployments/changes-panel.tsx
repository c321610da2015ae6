import { useQuery } from "@tanstack/react-query";
import { ExternalLink, Minus, Pencil, Plus } from "lucide-react";
import { Problem } from "@/components/ui/notice";
import { Facts, SkeletonRows } from "@/components/ui/page";
import { changesQuery } from "@/lib/queries";
import type { Changes } from "@/lib/types";
import { wordFor } from "@/lib/words";
import { changesWords } from "@/lib/words-changes";
import { commits, sizes, type VariableChange, variableChanges } from "./changes";
import styles from "./changes-panel.module.css";

const text = changesWords;
const ICONS = { added: Plus, changed: Pencil, removed: Minus };

function Variables({ changes }: { changes: VariableChange[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className={styles.names}>
      {changes.map(({ name, mark }) => {
        const Icon = ICONS[mark];
        return (
          <li key={name} className={styles[mark]} title={text[mark](name)}>
            <Icon role="img" aria-label={text[mark](name)} />
            <code className="cut" aria-hidden>
              {name}
            </code>
          </li>
        );
      })}
    </ul>
  );
}

function Settings({ settings }: { settings: Changes["settings"] }) {
  if (!settings?.length) return null;
  return (
    <ul className={styles.settings}>
      {settings.map(({ name, before, after }) => (
        <li key={name}>
          <code>{name}</code>
          <span className={styles.values}>
            <del title={before ?? undefined}>{before ?? text.notSet}</del>
            <ins title={after ?? undefined}>{after ?? text.notSet}</ins>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Compared({ changes }: { changes: Changes }) {
  const { base } = changes;
  const names = base ? (base.after.length > 0 ? base.after : base.before) : [];
  return (
    <Facts
      items={[
        [
          text.commits,
          <span key="commits" className={styles.commits}>
            <code>{commits(changes)}</code>
            {changes.compare_url ? (
              <a href={changes.compare_url} target="_blank" rel="noreferrer">
                {text.compare}
                <ExternalLink aria-hidden />
              </a>
            ) : null}
          </span>,
        ],
        [text.image, sizes(changes)],
        [
          text.bases,
          base
            ? `${wordFor(text.base, base.change)}${names.length > 0 ? `: ${names.join(", ")}` : ""}`
            : null,
        ],
        [
          text.variables,
          variableChanges(changes).length > 0 ? (
            <Variables key="variables" changes={variableChanges(changes)} />
          ) : null,
        ],
        [
          text.settings,
          changes.settings?.length ? <Settings key="settings" settings={changes.settings} /> : null,
        ],
      ]}
    />
  );
}

const SENTENCES: Record<string, string> = {
  first: text.first,
  same: text.same,
  building: text.building,
  not_built: text.notBuilt,
};

/** What a deployment changes against the release that was live before it. */
export function ChangesPanel({ deploymentId }: { deploymentId: string }) {
  const { data, error, refetch } = useQuery(changesQuery(deploymentId));
  const sentence = data ? SENTENCES[data.state] : undefined;
  return (
    <section className={styles.panel} aria-label={text.plain}>
      <h2>{data?.previous ? text.title(data.previous.release) : text.plain}</h2>
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
      {sentence ? <p className="third">{sentence}</p> : null}
      {data?.backwards ? <p className="second">{text.backwards}</p> : null}
      {data && data.state !== "first" && data.state !== "same" ? <Compared changes={data} /> : null}
    </section>
  );
}
