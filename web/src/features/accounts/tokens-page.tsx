import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Dialog } from "@/components/ui/dialog";
import { Empty, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { api, ask } from "@/lib/client";
import { projectsQuery, tokensQuery } from "@/lib/queries";
import type { Token } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { accountWords } from "@/lib/words-deployments";
import { TokenDialog } from "./token-dialog";

const text = accountWords;

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      ask(api.DELETE("/api/v1/account/tokens/{token_id}", { params: { path: { token_id: token.id } } })),
    onSuccess: () => {
      client.setQueryData(
        tokensQuery.queryKey,
        (page) => page && { ...page, items: page.items.filter((each) => each.id !== token.id) },
      );
      onClose();
    },
    // Also when it is refused: it was revoked elsewhere.
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={text.revokeTitle(token.name)}
      help={text.revokeHelp}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            {text.revoke}
          </Button>
        </>
      }
    >
      <Problem error={revoke.error} />
    </Dialog>
  );
}

type RowProps = { token: Token; project: string; onRevoke: () => void };

function Row({ token, project, onRevoke }: RowProps) {
  return (
    <tr>
      <td className="cut" title={token.name}>
        {token.name}
      </td>
      <td className={`cut ${token.project_id ? "second" : "third"} ${table.wide}`} title={project}>
        {project}
      </td>
      <td className={`cut second ${table.wide}`}>
        {token.scopes.map((scope) => wordFor(text.scopeNames, scope)).join(", ")}
      </td>
      <td className={`cut third ${table.wide}`}>
        {token.last_used_at ? <Age at={token.last_used_at} /> : text.unused}
      </td>
      <td className="cut third">
        <Age at={token.expires_at} future />
      </td>
      <td className={table.right}>
        <Button small look="quiet" onClick={onRevoke} aria-label={`${text.revoke} ${token.name}`}>
          {text.revoke}
        </Button>
      </td>
    </tr>
  );
}

export function TokensPage() {
  const { data, error, refetch } = useQuery(tokensQuery);
  const projects = useQuery(projectsQuery).data?.items;
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const create = (
    <Button look="primary" onClick={() => setCreating(true)}>
      {text.create}
    </Button>
  );
  const items = data?.items ?? [];
  const nameOf = ({ project_id }: Token): string => {
    if (!project_id) return text.allProjects;
    const known = projects?.find(({ id }) => id === project_id);
    return known?.name ?? (projects ? text.projectGone : "");
  };
  return (
    <Page title={text.tokens} action={items.length > 0 ? create : null}>
      {data ? null : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
      {data && items.length === 0 ? <Empty action={create}>{text.empty}</Empty> : null}
      {items.length > 0 ? (
        <>
          <p className="meta">{text.help}</p>
          <table className={table.table}>
            <Columns
              of={[
                { id: "name", head: text.columns.name },
                { id: "project", head: text.columns.project, wide: true },
                { id: "scopes", head: text.columns.scopes, wide: true },
                { id: "used", head: text.columns.used, width: table.age, wide: true },
                { id: "expires", head: text.columns.expires, width: table.age },
                {
                  id: "does",
                  head: <span className="only-read">{text.revoke}</span>,
                  width: table.age,
                  right: true,
                },
              ]}
            />
            <tbody>
              {items.map((token) => (
                <Row
                  key={token.id}
                  token={token}
                  project={nameOf(token)}
                  onRevoke={() => setRevoking(token)}
                />
              ))}
            </tbody>
          </table>
        </>
      ) : null}
      {creating ? <TokenDialog onClose={() => setCreating(false)} /> : null}
      {revoking ? <RevokeDialog token={revoking} onClose={() => setRevoking(null)} /> : null}
    </Page>
  );
}
