import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { Age } from "@/components/ui/age";
import { Button, buttonClass } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Empty, Notice, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { serverNow } from "@/lib/clock";
import { useNarrow } from "@/lib/narrow";
import { ApiProblem } from "@/lib/problem";
import { auditQuery } from "@/lib/queries-audit";
import { exact } from "@/lib/time";
import type { AuditEvent } from "@/lib/types";
import { auditWords } from "@/lib/words-audit";
import styles from "./audit.module.css";
import { type Change, Filters } from "./filters";
import { nameOf, subjectOf } from "./naming";
import { askedOf, exportHref } from "./wanted";

const text = auditWords;
const COLUMNS = [
  { id: "did", head: text.columns.did },
  { id: "who", head: text.columns.who, width: styles.who },
  { id: "subject", head: text.columns.subject, wide: true },
  { id: "from", head: text.columns.address, width: styles.from, wide: true },
  { id: "at", head: text.columns.at, width: styles.at, right: true },
];

const OF_A_PHONE = COLUMNS.filter(({ wide }) => !wide);

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
  // A cell over columns that a phone leaves out would make them again.
  const columns = (useNarrow() ? OF_A_PHONE : COLUMNS).length;
  const name = nameOf(event);
  const subject = subjectOf(event);
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
            title={text.filters.only(text.filters.subject(subject))}
            onClick={() => onChange({ subject: event.subject })}
          >
            {subject}
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
          <td colSpan={columns}>
            <Details event={event} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** What was done in the teams one administers; operators also see what concerns the platform. */
export function AuditPage() {
  const wanted = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  // The moment that spans of time are counted from stays, or each drawing would ask anew.
  const [now, setNow] = useState(serverNow);
  const asked = askedOf(wanted, now);
  const { data, error, refetch, isFetching, fetchNextPage, hasNextPage, isFetchingNextPage, ...failed } =
    useInfiniteQuery(auditQuery(asked));
  const paging = failed.isFetchNextPageError;
  const refresh = () => {
    // A span of time is another question then, and asked by itself.
    setNow(serverNow());
    if (!wanted.since) void refetch();
  };
  const change: Change = (part) =>
    void navigate({ to: "/audit", search: { ...wanted, ...part }, replace: true });
  const events = data?.pages.flatMap(({ items }) => items) ?? [];
  // Whoever acts has a name where one is known; as what it was done to, a row may know less.
  const names = new Map([
    ...events.map((event): [string, string] => [event.subject, subjectOf(event)]),
    ...events.map((event): [string, string] => [event.actor, nameOf(event)]),
  ]);
  const filtered = Object.values(wanted).some(Boolean);
  const forbidden = error instanceof ApiProblem && error.status === 403;
  return (
    <Page
      title={text.title}
      action={
        <div className={styles.actions}>
          <Button look="quiet" busy={isFetching && !isFetchingNextPage} onClick={refresh}>
            {text.refresh}
          </Button>
          <a className={buttonClass({})} href={exportHref(asked)} download title={text.exportHelp}>
            {text.export}
          </a>
        </div>
      }
    >
      <p className="third">
        {text.help} <code>{text.proof}</code>
      </p>
      <Filters wanted={wanted} onChange={change} names={names} />
      {forbidden && !paging ? (
        <Notice tone="warn">{text.forbidden}</Notice>
      ) : (
        <Problem error={paging ? null : error} retry={() => void refetch()} />
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
      <Problem error={paging ? error : null} retry={() => void fetchNextPage()} />
      {hasNextPage && !paging ? (
        <div>
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {text.older}
          </Button>
        </div>
      ) : null}
    </Page>
  );
}
