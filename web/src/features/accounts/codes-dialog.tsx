import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { factorWords } from "@/lib/words-account";
import styles from "./account.module.css";
import { codesFile } from "./codes";

const text = factorWords.codes;

function download(content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = text.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Recovery codes, shown this once: only its button closes it, not a click beside it. */
export function CodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={() => undefined}
      title={text.title}
      help={text.help}
      foot={
        <Button look="primary" onClick={onClose}>
          {factorWords.done}
        </Button>
      }
    >
      <Notice tone="warn">{text.once}</Notice>
      <ul className={styles.codes} aria-label={text.list}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={styles.line}>
        <Copy text={codes.join("\n")} label={text.copy} look="plain" words />
        <Button onClick={() => download(codesFile(codes, window.location.host))}>{text.download}</Button>
      </div>
    </Dialog>
  );
}
