import { Eye, EyeOff, Pencil, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import table from "@/components/ui/table.module.css";
import { projectWords } from "@/lib/words-projects";
import type { VariableRow as Row } from "./staged";
import styles from "./variables.module.css";

const text = projectWords.variables;

/** Only a staged value can be looked at; a saved one never comes back from the server. */
function Value({ value }: { value: string }) {
  const [shown, setShown] = useState(false);
  return (
    <span className={styles.value}>
      <Button
        look="quiet"
        icon
        small
        aria-label={shown ? text.hide : text.show}
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </Button>
      {shown ? (
        <code className="cut" title={value}>
          {value}
        </code>
      ) : (
        <span className="third">••••••••</span>
      )}
    </span>
  );
}

type Props = { row: Row; onReplace: () => void; onRemove: () => void; onUndo: () => void };

export function VariableRow({ row, onReplace, onRemove, onUndo }: Props) {
  const gone = row.difference === "removed";
  return (
    <tr className={gone ? styles.gone : undefined}>
      <td className="cut">
        <code title={row.name}>{row.name}</code>
      </td>
      <td className="cut">
        {row.change?.kind === "set" ? (
          <Value value={row.change.value} />
        ) : (
          <span className="third">{gone ? "" : text.hidden}</span>
        )}
      </td>
      <td className={`cut second ${table.wide}`}>{text.scopes[row.scope] ?? row.scope}</td>
      <td className={`third ${table.wide}`}>
        {row.difference ? (
          <span className={`${styles.difference} ${styles[row.difference]}`}>
            {text.kinds[row.difference]}
          </span>
        ) : (
          <Age at={row.updatedAt} />
        )}
      </td>
      <td>
        <div className={styles.actions}>
          {row.difference ? (
            <Button
              look="quiet"
              icon
              small
              aria-label={`${text.undo} ${row.name}`}
              title={text.undo}
              onClick={onUndo}
            >
              <Undo2 aria-hidden />
            </Button>
          ) : null}
          {gone ? null : (
            <>
              <Button
                look="quiet"
                icon
                small
                aria-label={`${text.replace} ${row.name}`}
                title={text.replace}
                onClick={onReplace}
              >
                <Pencil aria-hidden />
              </Button>
              {row.difference === "added" ? null : (
                <Button
                  look="quiet"
                  icon
                  small
                  aria-label={`${text.remove} ${row.name}`}
                  title={text.remove}
                  onClick={onRemove}
                >
                  <Trash2 aria-hidden />
                </Button>
              )}
            </>
          )}
        </div>
      </td>
    </tr>
  );
}
