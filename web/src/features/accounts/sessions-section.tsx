import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { signOut, useSigningOut } from "@/app/sign-out";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Notice, Problem } from "@/components/ui/notice";
import { Setting, SkeletonRows } from "@/components/ui/page";
import { Rows } from "@/components/ui/rows";
import table from "@/components/ui/table.module.css";
import { api, ask } from "@/lib/client";
import { exact } from "@/lib/time";
import type { BrowserSession } from "@/lib/types";
import { sessionsWords as text } from "@/lib/words-account";
import styles from "./account.module.css";
import { sessionsQuery } from "./account-queries";
import { ConfirmDialog } from "./confirm-dialog";
import { useGuarded } from "./step-up";

const COLUMNS = [
  { id: "device", head: text.columns.device },
  { id: "address", head: text.columns.address, width: styles.address, wide: true },
  { id: "seen", head: text.columns.seen, width: table.age },
  {
    id: "does",
    head: <span className="only-read">{text.columns.does}</span>,
    width: styles.does,
    right: true,
  },
];

type RowProps = { session: BrowserSession; index: number; busy: boolean; onEnd: () => void };

function Row({ session, index, busy, onEnd }: RowProps) {
  const { device, address, current, created_at, last_seen_at } = session;
  return (
    <tr aria-rowindex={index}>
      <td className="cut" title={`${device}. ${text.signedIn(exact(Date.parse(created_at)))}`}>
        {device}
        {current ? <span className="third"> {text.current}</span> : null}
      </td>
      <td className={`cut second ${table.wide}`} title={address}>
        {address}
      </td>
      <td className="cut third">
        <Age at={last_seen_at ?? created_at} />
      </td>
      <td className={table.right}>
        <Button
          small
          look="quiet"
          busy={busy}
          aria-label={current ? undefined : text.outOf(device, address, exact(Date.parse(created_at)))}
          onClick={onEnd}
        >
          {text.out}
        </Button>
      </td>
    </tr>
  );
}

function OthersDialog({ onClose, onDone }: { onClose: () => void; onDone: (ended: number) => void }) {
  const client = useQueryClient();
  const end = useGuarded({
    mutationFn: () => ask(api.POST("/api/v1/account/sessions/revoke-others")),
    onSuccess: ({ ended }) => {
      onDone(ended);
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <ConfirmDialog
      title={text.othersTitle}
      help={text.othersHelp}
      verb={text.others}
      act={end}
      onClose={onClose}
    />
  );
}

/** The browsers one is signed in with; each can be signed out from here. */
export function SessionsSection() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const [ended, setEnded] = useState<number | null>(null);
  const out = useSigningOut();
  const end = useMutation({
    mutationFn: (id: string) =>
      ask(api.DELETE("/api/v1/account/sessions/{session_id}", { params: { path: { session_id: id } } })),
    // Also when it is refused: it had ended by itself.
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const items = data?.items ?? [];
  return (
    <Setting title={text.title} help={text.help}>
      {data ? (
        <table className={table.table} aria-rowcount={items.length + 1}>
          <Columns of={COLUMNS} />
          <Rows
            items={items}
            row={(session, index) => (
              <Row
                key={session.id}
                session={session}
                index={index}
                busy={session.current ? out.busy : end.isPending && end.variables === session.id}
                onEnd={() => (session.current ? void signOut() : end.mutate(session.id))}
              />
            )}
          />
        </table>
      ) : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <Problem error={end.error} />
      {ended === null ? null : <Notice tone="good">{text.ended(ended)}</Notice>}
      {items.some(({ current }) => !current) ? (
        <div>
          <Button onClick={() => setAsking(true)}>{text.others}</Button>
        </div>
      ) : null}
      {asking ? (
        <OthersDialog
          onClose={() => setAsking(false)}
          onDone={(count) => {
            setEnded(count);
            setAsking(false);
          }}
        />
      ) : null}
    </Setting>
  );
}
