import { Check, Copy as CopyIcon, Link, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "@/lib/words";
import { Button, type ButtonLook } from "./button";

/** Writes to the clipboard, also on plain http where the modern interface is missing. False when the browser refuses. */
async function write(text: string): Promise<boolean> {
  if (navigator.clipboard && window.isSecureContext)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "only-read";
  document.body.append(area);
  area.select();
  const written = document.execCommand("copy");
  area.remove();
  return written;
}

/** Selects the text where it stands beside its button, so that only the keys are left to press. */
function selectBeside(button: Element, text: string): void {
  const beside = [...(button.parentElement?.children ?? [])];
  const shown = beside.find(({ textContent }) => textContent === text);
  if (shown) window.getSelection()?.selectAllChildren(shown);
}

const ICONS = { copied: Check, copyYourself: TriangleAlert };

type Props = { text: string; label: string; look?: ButtonLook; words?: boolean; link?: boolean };

/** Copies `text`; the icon turns into a tick for two seconds, or says that it did not work. */
export function Copy({ text, label, look = "quiet", words: withWord, link }: Props) {
  const [said, setSaid] = useState<keyof typeof ICONS | null>(null);
  useEffect(() => {
    if (said !== "copied") return;
    const timer = setTimeout(() => setSaid(null), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (button: Element) => {
    const written = await write(text);
    setSaid(written ? "copied" : "copyYourself");
    if (!written) selectBeside(button, text);
  };
  const Icon = said ? ICONS[said] : link ? Link : CopyIcon;
  return (
    <Button
      look={look}
      small={!withWord}
      icon={!withWord}
      aria-label={said ? words.actions[said] : label}
      title={said === "copyYourself" ? words.actions.copyYourself : label}
      onClick={(event) => void copy(event.currentTarget)}
    >
      <Icon aria-hidden />
      {withWord ? words.actions[said ?? "copy"] : null}
    </Button>
  );
}
