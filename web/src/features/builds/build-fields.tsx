import { CheckField, SelectField, TextField } from "@/components/ui/field";
import { lineOf } from "@/lib/command";
import { fieldOf } from "@/lib/problem";
import type { Plan } from "@/lib/types";
import { planWords } from "@/lib/words-plans";
import styles from "./builds.module.css";
import { type BuildForm, FIELDS, inWay, mistakesIn, type TextName, textsOf, type Ways } from "./form";

const text = planWords;
const WIDE = new Set<TextName>(["install", "build", "start", "packages", "image"]);
const PLAIN = new Set<TextName>(["version", "port"]);

type Props = {
  form: BuildForm;
  onChange: (form: BuildForm) => void;
  /** What is found now: its values stand in empty fields, and what wisehosting.toml says cannot be changed here. */
  plan: Plan | undefined;
  /** The refusal of the plan or of the whole form. */
  error: unknown;
  /** Nothing can be changed, and why. */
  why?: string | null;
  onBlur?: () => void;
};

/** What stands in an empty field: what is detected, else an example. */
function placeholder(name: TextName, way: Ways, plan: Plan | undefined): string | undefined {
  const found = plan?.plan;
  if (found) {
    const told: Partial<Record<TextName, string>> = {
      version: found.stack === "static" ? undefined : found.version,
      install: found.install || text.none,
      build: found.build || text.none,
      start: lineOf(found.start),
      port: String(found.port),
    };
    if (told[name]) return told[name];
  }
  if (name === "containerfile" && plan?.way === "containerfile") return plan.name;
  // Without a plan of a stack these are an image's own; before anything was found they are nobody's.
  if ((name === "start" || name === "port") && way === "found" && (!plan || plan.way === "stack"))
    return undefined;
  return text.placeholders[name];
}

/** Where the app lives in the repository, and what is fetched with it. */
export function SourceFields({ form, onChange, error, why, onBlur }: Omit<Props, "plan">) {
  return (
    <div className={styles.fields}>
      <TextField
        label={text.fields.rootDirectory}
        help={text.help.rootDirectory}
        error={fieldOf(error, "source.root_directory")}
        placeholder={text.placeholders.rootDirectory}
        value={form.rootDirectory}
        readOnly={Boolean(why)}
        onChange={(event) => onChange({ ...form, rootDirectory: event.target.value })}
        onBlur={onBlur}
        code
      />
      <div className={styles.checks}>
        <CheckField
          label={text.submodules}
          checked={form.submodules}
          disabled={Boolean(why)}
          onChange={(event) => onChange({ ...form, submodules: event.target.checked })}
        />
        <CheckField
          label={text.largeFiles}
          checked={form.largeFiles}
          disabled={Boolean(why)}
          onChange={(event) => onChange({ ...form, largeFiles: event.target.checked })}
        />
      </div>
    </div>
  );
}

/** How it is built. Only the fields of the chosen way are shown, and only they are sent. */
export function BuildFields({ form, onChange, plan, error, why, onBlur }: Props) {
  const own = mistakesIn(form);
  const said = plan?.settings_file ? textsOf(plan.file) : null;
  const fromFile = (name: TextName) => (said && name !== "rootDirectory" ? said[name] : "");
  const stack = plan?.plan?.stack;
  return (
    <div className={styles.fields}>
      <div className={styles.wide}>
        <SelectField
          label={text.way}
          value={form.way}
          disabled={Boolean(why)}
          choices={Object.entries(text.ways)}
          onChange={(event) => onChange(inWay(form, event.target.value as Ways))}
        />
      </div>
      {FIELDS[form.way].map((name) => {
        const held = fromFile(name);
        const value = held || form[name];
        const help = held ? text.fromFile : text.help[name];
        if (name === "stack")
          return (
            <SelectField
              key={name}
              label={text.fields.stack}
              help={held ? text.fromFile : undefined}
              error={fieldOf(error, "build.stack")}
              value={value}
              disabled={Boolean(why || held)}
              choices={[
                ["", stack && !form.stack ? text.detected(text.stacks[stack] ?? stack) : text.detect],
                ...Object.entries(text.stacks),
              ]}
              onChange={(event) => onChange({ ...form, stack: event.target.value })}
            />
          );
        return (
          <div key={name} className={WIDE.has(name) ? styles.wide : undefined}>
            <TextField
              label={text.fields[name]}
              help={help}
              error={own[name] ?? fieldOf(error, `build.${name}`)}
              placeholder={placeholder(name, form.way, plan)}
              value={value}
              readOnly={Boolean(why || held)}
              inputMode={name === "port" ? "numeric" : undefined}
              onChange={(event) => onChange({ ...form, [name]: event.target.value })}
              onBlur={onBlur}
              code={!PLAIN.has(name)}
            />
          </div>
        );
      })}
    </div>
  );
}
