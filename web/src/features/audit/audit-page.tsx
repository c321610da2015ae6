import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronRight, X } from "lucide-react";
import { Fragment, useState } from "react";
import { useSession } from "@/app/session-gate";
import { Age } from "@/components/ui/age";
import { Button, buttonClass } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { RowSelect } from "@/components/ui/field";
import { Empty, Notice, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { atLeast } from "@/features/teams/roles";
import { serverNow } from "@/lib/clock";
import { ApiProblem } from "@/lib/problem";
import { auditQuery } from "@/lib/queries-audit";
import { exact } from "@/lib/time";
import type { AuditEvent } from "@/lib/types";
import { auditWords } from "@/lib/words-audit";
import { nameOf } from "./actors";
import styles from "./audit.module.css";
import { askedOf, exportHref, type Wanted } from "./wanted";

const text = auditWords;
const COLUMNS = [
  { id: "did", head: text.columns.did },
  { id: "who", head: text.columns.who, width: styles.who },
  { id: "subject", head: text.columns.subject, wide: true },
  { id: "from", head: text.columns.address, width: styles.from, wide: true },
  { id: "at", head: text.columns.at, width: styles.at, right: true },
];

/** A cell over columns that a phone leaves out would make them again. */
const shownColumns = () =>
  matchMedia("(max-width: 719px)").matches ? COLUMNS.filter(({ wide }) => !wide).length : COLUMNS.length;

type Change = (part: Wanted) => void;

function Details({ event }: { event: AuditEvent }) {
  const entries = Object.entries(event.detail);
  const rows: [string, string][] = [
    [text.details.at, exact(Date.parse(event.at))],
    [text.details.actor, event.actor],
    [text.details.subject, event.subject],
    [text.details.address, event.address || text.details.none],
    [text.details.request, event.request_id || text.details.none],
    ...entries.map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ];
  return (
    <dl>
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="cut">{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Row({ event, onChange }: { event: AuditEvent; onChange: Change }) {
  const [open, setOpen] = useState(false);
  const name = nameOf(event);
  return (
    <>
      <tr>
        <td className="cut">
          <button
            type="button"
            className={styles.did}
            aria-expanded={open}
            aria-label={text.details.show(event.action)}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight aria-hidden />
            <code className="cut">{event.action}</code>
          </button>
        </td>
        <td className="cut">
          <button
            type="button"
            className={`cut ${styles.name}`}
            title={text.filters.only(text.filters.who(name))}
            onClick={() => onChange({ actor: event.actor })}
          >
            {name}
          </button>
        </td>
        <td className={`cut second ${table.wide}`}>
          <button
            type="button"
            className={`cut ${styles.name}`}
            title={text.filters.only(text.filters.subject(event.subject))}
            onClick={() => onChange({ subject: event.subject })}
          >
            {event.subject}
          </button>
        </td>
        <td className={`cut third numbers ${table.wide}`} title={event.address}>
          {event.address}
        </td>
        <td className={`${table.right} third`}>
          <Age at={event.at} />
        </td>
      </tr>
      {open ? (
        <tr className={styles.details}>
          <td colSpan={shownColumns()}>
            <Details event={event} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Filters({
  wanted,
  onChange,
  names,
}: {
  wanted: Wanted;
  onChange: Change;
  names: Map<string, string>;
}) {
  const { teams, user } = useSession();
  const mine = teams.filter(({ role }) => atLeast(role, "admin"));
  const chips: [keyof Wanted, string][] = [];
  if (wanted.actor) chips.push(["actor", text.filters.who(names.get(wanted.actor) ?? wanted.actor)]);
  if (wanted.subject) chips.push(["subject", text.filters.subject(wanted.subject)]);
  const kinds = Object.entries(text.kinds);
  // An action that is more exact than a kind comes from a link; it is offered as it is.
  if (wanted.action && !Object.hasOwn(text.kinds, wanted.action)) kinds.push([wanted.action, wanted.action]);
  return (
    <search className={styles.filters} aria-label={text.filters.title}>
      {mine.length > 1 || user.operator ? (
        <RowSelect
          label={text.filters.team}
          choices={[["", text.filters.allTeams], ...mine.map(({ id, name }): [string, string] => [id, name])]}
          value={wanted.team ?? ""}
          onChange={({ target }) => onChange({ team: target.value || undefined })}
        />
      ) : null}
      <RowSelect
        label={text.filters.kind}
        choices={[["", text.filters.allKinds], ...kinds]}
        value={wanted.action ?? ""}
        onChange={({ target }) => onChange({ action: target.value || undefined })}
      />
      <RowSelect
        label={text.filters.since}
        choices={Object.entries(text.since)}
        value={wanted.since ?? ""}
        onChange={({ target }) => onChange({ since: (target.value || undefined) as Wanted["since"] })}
      />
      {chips.map(([name, says]) => (
        <Button
          key={name}
          small
          aria-label={text.filters.remove(says)}
          onClick={() => onChange({ [name]: undefined })}
        >
          <span className="cut">{says}</span>
          <X aria-hidden />
        </Button>
      ))}
    </search>
  );
}

/** What was done in the teams one administers; operators also see what concerns the platform. */
export function AuditPage() {
  const wanted = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  // The moment that spans of time are counted from stays, or each drawing would ask anew.
  const [now] = useState(serverNow);
  const asked = askedOf(wanted, now);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    auditQuery(asked),
  );
  const change: Change = (part) =>
    void navigate({ to: "/audit", search: { ...wanted, ...part }, replace: true });
  const events = data?.pages.flatMap(({ items }) => items) ?? [];
  const names = new Map(events.map((event) => [event.actor, nameOf(event)]));
  const filtered = Object.values(wanted).some(Boolean);
  const forbidden = error instanceof ApiProblem && error.status === 403;
  return (
    <Page
      title={text.title}
      action={
        <a className={buttonClass({})} href={exportHref(asked)} download title={text.exportHelp}>
          {text.export}
        </a>
      }
    >
      <p className="third">
        {text.help} <code>{text.proof}</code>
      </p>
      <Filters wanted={wanted} onChange={change} names={names} />
      {forbidden ? (
        <Notice tone="warn">{text.forbidden}</Notice>
      ) : (
        <Problem error={error} retry={() => void refetch()} />
      )}
      {data ? null : error ? null : <SkeletonRows rows={8} />}
      {data && events.length === 0 ? (
        <Empty
          action={
            filtered ? (
              <Button onClick={() => void navigate({ to: "/audit", search: {}, replace: true })}>
                {text.clear}
              </Button>
            ) : undefined
          }
        >
          {filtered ? text.none : text.empty}
        </Empty>
      ) : null}
      {events.length > 0 ? (
        <table className={table.table}>
          <Columns of={COLUMNS} />
          <tbody>
            {events.map((event) => (
              <Row key={event.id} event={event} onChange={change} />
            ))}
          </tbody>
        </table>
      ) : null}
      {hasNextPage ? (
        <div>
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {text.older}
          </Button>
        </div>
      ) : null}
    </Page>
  );
}
