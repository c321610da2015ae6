import styles from "./quoted.module.css";

/** What a program wrote, or reads, word for word; of its own height at most, then it scrolls. */
export function Quoted({ label, className, text }: { label: string; className?: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={`${styles.quoted} ${className ?? ""}`}>
      <pre>{text}</pre>
    </section>
  );
}
