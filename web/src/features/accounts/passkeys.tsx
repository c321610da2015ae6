import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/page";
import { Rows } from "@/components/ui/rows";
import table from "@/components/ui/table.module.css";
import { api, ask } from "@/lib/client";
import type { Factors, Passkey } from "@/lib/types";
import { words } from "@/lib/words";
import { factorWords, provingWords } from "@/lib/words-account";
import styles from "./account.module.css";
import { passkeysQuery } from "./account-queries";
import { ConfirmDialog } from "./confirm-dialog";
import { PasskeyDialog } from "./passkey-dialog";
import { makePasskey, passkeysWork } from "./proof";
import { useGuarded } from "./step-up";

const text = factorWords.passkeys;
const ADDRESS = "/api/v1/account/second-factor/passkeys";

/** The head of the table and its rows. */
const heightOf = (passkeys: number) => 32 + 36 * passkeys;

const COLUMNS = [
  { id: "name", head: text.columns.name },
  { id: "used", head: text.columns.used, width: table.age, wide: true },
  {
    id: "does",
    head: <span className="only-read">{text.columns.does}</span>,
    width: styles.passkeyDoes,
    right: true,
  },
];

type Props = {
  factors: Factors;
  onFresh: () => void;
  onCodes: (codes: string[]) => void;
};

function AddDialog({ onClose, onAdded }: { onClose: () => void; onAdded: (codes: string[] | null) => void }) {
  const add = useGuarded({
    mutationFn: async (name: string) => {
      const options = await ask(api.POST(`${ADDRESS}/options`));
      return ask(api.POST(ADDRESS, { body: { name, passkey: await makePasskey(options) } }));
    },
    onSuccess: ({ recovery_codes }) => onAdded(recovery_codes),
  });
  return (
    <PasskeyDialog
      title={text.add}
      help={text.addHelp}
      verb={text.add}
      name=""
      act={add}
      onName={add.mutate}
      onClose={onClose}
    >
      {add.stepUp}
    </PasskeyDialog>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: (name: string) =>
      ask(
        api.PATCH(`${ADDRESS}/{passkey_id}`, {
          params: { path: { passkey_id: passkey.id } },
          body: { name },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
      onClose();
    },
  });
  return (
    <PasskeyDialog
      title={text.renameTitle(passkey.name)}
      verb={text.rename}
      name={passkey.name}
      act={rename}
      onName={rename.mutate}
      onClose={onClose}
    />
  );
}

type RemoveProps = { passkey: Passkey; last: boolean; onClose: () => void; onDone: () => void };

function RemoveDialog({ passkey, last, onClose, onDone }: RemoveProps) {
  const remove = useGuarded({
    mutationFn: () =>
      ask(api.DELETE(`${ADDRESS}/{passkey_id}`, { params: { path: { passkey_id: passkey.id } } })),
    onSuccess: onDone,
  });
  return (
    <ConfirmDialog
      title={factorWords.removeTitle(passkey.name)}
      help={last ? factorWords.removeLast : factorWords.removeOne}
      verb={words.actions.remove}
      act={remove}
      onClose={onClose}
    />
  );
}

type RowProps = { passkey: Passkey; index: number; onRename: () => void; onRemove: () => void };

function Row({ passkey, index, onRename, onRemove }: RowProps) {
  const { name, last_used_at } = passkey;
  return (
    <tr aria-rowindex={index}>
      <td className="cut" title={name}>
        {name}
      </td>
      <td className={`cut third ${table.wide}`}>{last_used_at ? <Age at={last_used_at} /> : text.unused}</td>
      <td className={table.right}>
        <Button small look="quiet" aria-label={text.renameOf(name)} onClick={onRename}>
          {text.rename}
        </Button>
        <Button small look="quiet" aria-label={text.removeOf(name)} onClick={onRemove}>
          {words.actions.remove}
        </Button>
      </td>
    </tr>
  );
}

/** The passkeys one can give as a second factor. */
export function Passkeys({ factors, onFresh, onCodes }: Props) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(passkeysQuery);
  const [open, setOpen] = useState<{ what: "add" } | { what: "rename" | "remove"; passkey: Passkey } | null>(
    null,
  );
  const items = data?.items ?? [];
  const close = () => setOpen(null);
  const changed = () => {
    close();
    void client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    onFresh();
  };
  return (
    <>
      <div className={styles.factor}>
        <span>
          {text.title}{" "}
          <span className="third numbers">
            {factors.passkeys === 0 ? text.none : text.count(factors.passkeys)}
          </span>
        </span>
        <Button
          small
          why={passkeysWork() ? null : provingWords.noPasskeys}
          onClick={() => setOpen({ what: "add" })}
        >
          {text.add}
        </Button>
      </div>
      <Problem error={error} retry={() => void refetch()} />
      {data || error || factors.passkeys === 0 ? null : <Skeleton height={heightOf(factors.passkeys)} />}
      {items.length > 0 ? (
        <table className={table.table} aria-rowcount={items.length + 1}>
          <Columns of={COLUMNS} />
          <Rows
            items={items}
            row={(passkey, index) => (
              <Row
                key={passkey.id}
                passkey={passkey}
                index={index}
                onRename={() => setOpen({ what: "rename", passkey })}
                onRemove={() => setOpen({ what: "remove", passkey })}
              />
            )}
          />
        </table>
      ) : null}
      {open?.what === "add" ? (
        <AddDialog
          onClose={close}
          onAdded={(codes) => {
            if (codes) onCodes(codes);
            changed();
          }}
        />
      ) : null}
      {open?.what === "rename" ? <RenameDialog passkey={open.passkey} onClose={close} /> : null}
      {open?.what === "remove" ? (
        <RemoveDialog
          passkey={open.passkey}
          last={!factors.totp && items.length === 1}
          onClose={close}
          onDone={changed}
        />
      ) : null}
    </>
  );
}
