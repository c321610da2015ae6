import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextArea, TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { parseDotenv, VARIABLE_NAME } from "@/lib/dotenv";
import type { VariableScope } from "@/lib/types";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import type { Change } from "./staged";

const text = projectWords.variables;
const SCOPES: VariableScope[] = ["run", "build", "both"];

function Scope({ value, onChange }: { value: VariableScope; onChange: (scope: VariableScope) => void }) {
  return (
    <SelectField
      label={text.scope}
      value={value}
      onChange={(event) => onChange(event.target.value as VariableScope)}
      choices={SCOPES.map((scope) => [scope, text.scopes[scope] ?? scope])}
    />
  );
}

type EditProps = {
  /** The variable to replace; null adds a new one. */
  replaced: { name: string; scope: VariableScope } | null;
  onStage: (name: string, change: Change) => void;
  onClose: () => void;
};

/** One variable: its name, its value and who sees it. It is staged, not saved. */
export function EditDialog({ replaced, onStage, onClose }: EditProps) {
  const [name, setName] = useState(replaced?.name ?? "");
  const [value, setValue] = useState("");
  const [scope, setScope] = useState<VariableScope>(replaced?.scope ?? "run");
  const [tried, setTried] = useState(false);
  const wrong = !VARIABLE_NAME.test(name);
  const submit = () => {
    setTried(true);
    if (wrong) return;
    onStage(name, { kind: "set", value, scope });
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={replaced ? text.replaceTitle(replaced.name) : text.addTitle}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit">
            {text.stage}
          </Button>
        </>
      }
    >
      {replaced ? null : (
        <TextField
          label={text.name}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={tried && wrong ? text.nameWrong : undefined}
          placeholder="DATABASE_URL"
          code
        />
      )}
      <TextArea
        label={text.value}
        help={text.valueHelp}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        rows={3}
        code
      />
      <Scope value={scope} onChange={setScope} />
    </Dialog>
  );
}

type PasteProps = { onStage: (entries: [string, Change][]) => void; onClose: () => void };

/** A whole .env at once. Lines that are no variables are named, not swallowed. */
export function PasteDialog({ onStage, onClose }: PasteProps) {
  const [source, setSource] = useState("");
  const [scope, setScope] = useState<VariableScope>("run");
  const { entries, mistakes } = parseDotenv(source);
  const submit = () => {
    if (entries.length === 0) return;
    onStage(entries.map(({ name, value }) => [name, { kind: "set", value, scope }]));
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={text.paste}
      help={text.pasteHelp}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" disabled={entries.length === 0}>
            {text.pasteStage(entries.length)}
          </Button>
        </>
      }
    >
      <TextArea
        label=".env"
        value={source}
        onChange={(event) => setSource(event.target.value)}
        placeholder={text.pastePlaceholder}
        rows={9}
        code
      />
      {mistakes.length > 0 ? (
        <Notice tone="warn">
          {mistakes.slice(0, 5).map((mistake) => (
            <p key={mistake.line}>{text.pasteMistake(mistake.line, mistake.text.slice(0, 80))}</p>
          ))}
        </Notice>
      ) : null}
      <Scope value={scope} onChange={setScope} />
    </Dialog>
  );
}
