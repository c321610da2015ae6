import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import styles from "./field.module.css";

type Common = { label: string; help?: ReactNode; error?: string; code?: boolean };

function Frame({ id, label, help, error, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {error ? (
        <p className={styles.error} id={`${id}-error`} role="alert">
          <CircleAlert aria-hidden />
          <span>{error}</span>
        </p>
      ) : null}
      {help && !error ? (
        <p className={styles.help} id={`${id}-help`}>
          {help}
        </p>
      ) : null}
    </div>
  );
}

const described = (id: string, help: unknown, error: unknown) =>
  error ? `${id}-error` : help ? `${id}-help` : undefined;
const inputClass = (code?: boolean) => `${styles.input} ${code ? styles.code : ""}`;

/** A labelled line of text. `error` replaces `help` and marks the field. */
export function TextField({ label, help, error, code, ...rest }: Common & ComponentProps<"input">) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        className={inputClass(code)}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, help, error)}
      />
    </Frame>
  );
}

/** The same over several lines. */
export function TextArea({ label, help, error, code, ...rest }: Common & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <textarea
        spellCheck={false}
        {...rest}
        id={id}
        className={inputClass(code)}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, help, error)}
      />
    </Frame>
  );
}

type Choices = Common &
  Omit<ComponentProps<"select">, "children"> & { choices: [value: string, label: string][] };

const Options = ({ of }: { of: Choices["choices"] }) =>
  of.map(([value, text]) => (
    <option key={value} value={value}>
      {text}
    </option>
  ));

/** One of a few choices, by the browser's own list: it works with every keyboard and screen reader. */
export function SelectField({ label, help, error, code, choices, ...rest }: Choices) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select {...rest} id={id} className={inputClass(code)} aria-describedby={described(id, help, error)}>
        <Options of={choices} />
      </select>
    </Frame>
  );
}

/** The same in a row of a table: its label is read, not seen. */
export function RowSelect({
  label,
  choices,
  ...rest
}: Pick<Choices, "label" | "choices"> & ComponentProps<"select">) {
  return (
    <select {...rest} aria-label={label} className={`${styles.input} ${styles.row}`}>
      <Options of={choices} />
    </select>
  );
}

/** Yes or no. */
export function CheckField({ label, ...rest }: { label: string } & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input {...rest} type="checkbox" id={id} />
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
