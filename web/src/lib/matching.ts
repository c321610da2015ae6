/** The entries that hold every typed word, those beginning with the text first. Order among equals stays. */
export function matching<Entry extends { text: string }>(entries: Entry[], typed: string): Entry[] {
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = parts.join(" ");
  const rank = (text: string): number => {
    if (text.startsWith(whole)) return 0;
    return parts.every((part) => text.split(/[\s-]+/).some((word) => word.startsWith(part))) ? 1 : 2;
  };
  return entries
    .map((entry) => ({ entry, text: entry.text.toLowerCase() }))
    .filter(({ text }) => parts.every((part) => text.includes(part)))
    .map(({ entry, text }) => ({ entry, rank: rank(text) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ entry }) => entry);
}
