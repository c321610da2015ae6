import styles from "./gauge.module.css";

type Props = {
  label: string;
  /** Of the whole, between 0 and 100. */
  percent: number;
  /** The figures in words, for those who do not see the bar. */
  said: string;
  /** It is nearly used up. */
  short?: boolean;
};

/** A bar that is as full as a thing is. The figures stand beside it. */
export function Gauge({ label, percent, said, short }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the element meter does not take a style in all browsers
    <span
      className={`${styles.gauge} ${short ? styles.short : ""}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={said}
    >
      <span style={{ width: `max(${Math.min(100, percent)}%, 2px)` }} />
    </span>
  );
}
