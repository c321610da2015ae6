import { Check, Copy as CopyIcon, Link } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "@/lib/words";
import { Button, type ButtonLook } from "./button";

/** Writes to the clipboard, also on plain http where the modern interface is missing. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "only-read";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

type Props = { text: string; label: string; look?: ButtonLook; words?: boolean; link?: boolean };

/** Copies `text`; the icon turns into a tick for two seconds. */
export function Copy({ text, label, look = "quiet", words: withWord, link }: Props) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const Icon = done ? Check : link ? Link : CopyIcon;
  return (
    <Button
      look={look}
      small={!withWord}
      icon={!withWord}
      aria-label={done ? words.actions.copied : label}
      title={label}
      onClick={() => void write(text).then(() => setDone(true))}
    >
      <Icon aria-hidden />
      {withWord ? (done ? words.actions.copied : words.actions.copy) : null}
    </Button>
  );
}
