import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Empty, Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { api, ask } from "@/lib/client";
import { tokensQuery } from "@/lib/queries";
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

function Row({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  return (
    <tr>
      <td className="cut" title={token.name}>
        {token.name}
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
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const create = (
    <Button look="primary" onClick={() => setCreating(true)}>
      {text.create}
    </Button>
  );
  const items = data?.items ?? [];
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
            <thead>
              <tr>
                <th scope="col">{text.columns.name}</th>
                <th scope="col" className={table.wide}>
                  {text.columns.scopes}
                </th>
                <th scope="col" className={table.wide}>
                  {text.columns.used}
                </th>
                <th scope="col">{text.columns.expires}</th>
                <th scope="col">
                  <span className="only-read">{text.revoke}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((token) => (
                <Row key={token.id} token={token} onRevoke={() => setRevoking(token)} />
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
