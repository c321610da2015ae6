/** The whole log as a text file, fetched page by page from the server: also what the browser has let go. */
import { useMutation } from "@tanstack/react-query";
import { problemFrom, sentenceOf } from "@/lib/problem";
import { plain } from "@/lib/terminal";

type Line = { n?: number; at?: string; text?: string; process?: string | null };
type LinePage = { items: Line[]; next_cursor?: string | null };

/** One line of the file: time, process if there are several, text without colours. */
export function fileLine(line: Line): string {
  return [line.at ?? "", line.process ?? "", plain(line.text ?? "")].filter(Boolean).join(" ");
}

/** What the server keeps of each instance's log may be more: it gives the ends, of this many lines together. */
const MOST_OF_INSTANCES = "5000";

async function allLines(url: string, instances: boolean): Promise<string> {
  const lines: string[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({
      format: "json",
      ...(instances ? { tail: MOST_OF_INSTANCES } : {}),
      ...(cursor ? { cursor } : {}),
    });
    const response = await fetch(`${url}?${query}`, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null));
    const page = (await response.json()) as LinePage;
    for (const line of page.items) lines.push(fileLine(line));
    cursor = page.next_cursor;
  } while (cursor);
  return `${lines.join("\n")}\n`;
}

export function useDownload(url: string, name: string, instances: boolean) {
  const fetching = useMutation({
    mutationFn: () => allLines(url, instances),
    onSuccess: (text) => {
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    },
  });
  return {
    busy: fetching.isPending,
    error: fetching.error ? sentenceOf(fetching.error) : null,
    start: () => fetching.mutate(),
  };
}
