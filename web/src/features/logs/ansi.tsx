import Anser from "anser";
import type { ReactNode } from "react";
import { MAX_SHOWN } from "@/lib/log";
import { coloursOnly } from "@/lib/terminal";
import styles from "./ansi.module.css";

const NAMED = /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;

/** Sixteen colours by class, in our own shades of both themes. Others keep the reader's text colour: always legible. */
function colour(name: string | null, ground: boolean): string | undefined {
  const found = name ? NAMED.exec(name) : null;
  return found?.[2] ? styles[`${ground ? "on-" : ""}${found[2]}`] : undefined;
}

/** Text cut at the places where the wanted words stand. */
function marked(text: string, wanted: string): ReactNode {
  if (wanted === "") return text;
  const lower = text.toLowerCase();
  const parts: ReactNode[] = [];
  let at = 0;
  for (;;) {
    const found = lower.indexOf(wanted, at);
    if (found < 0) break;
    if (found > at) parts.push(text.slice(at, found));
    parts.push(<mark key={found}>{text.slice(found, found + wanted.length)}</mark>);
    at = found + wanted.length;
  }
  return parts.length === 0 ? text : [...parts, text.slice(at)];
}

/** A line with its colours, as text nodes: nothing a program prints can become markup. */
export function Ansi({ text, wanted }: { text: string; wanted: string }) {
  const clean = coloursOnly(text, MAX_SHOWN);
  if (!clean.includes("\x1b")) return marked(clean, wanted);
  return Anser.ansiToJson(clean, { json: true, use_classes: true, remove_empty: true }).map((part, index) => {
    const classes = [
      colour(part.fg, false),
      colour(part.bg, true),
      ...part.decorations.map((decoration) => styles[decoration]),
    ].filter(Boolean);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one unchanging line have no other name
      <span key={index} className={classes.length > 0 ? classes.join(" ") : undefined}>
        {marked(part.content, wanted)}
      </span>
    );
  });
}
