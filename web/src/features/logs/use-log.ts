/** One open log: a stream into a buffer, shown as often as an eye can follow. */
import { useCallback, useEffect, useRef, useState } from "react";
import { sessionRefused } from "@/lib/client";
import { LogBuffer, type LogRow } from "@/lib/log";
import { openStream, type StreamState } from "@/lib/stream";

/** Between two drawings: text that goes by faster than this is a blur anyway, and the page stays free for its reader. */
const CALM_MS = 30;

export type OpenLog = {
  rows: LogRow[];
  forgotten: number;
  /** Who wrote so far: instance to process. */
  writers: ReadonlyMap<string, string>;
  streams: ReadonlySet<string>;
  state: StreamState;
  /** The status the log ended with, or null while it goes on. */
  ended: string | null;
  /** The status of a refusal for good. */
  refused: number | null;
};

const FIRST: OpenLog = {
  rows: [],
  forgotten: 0,
  writers: new Map(),
  streams: new Set(),
  state: "connecting",
  ended: null,
  refused: null,
};

/** `after` is the event to begin after; only the first one counts, later ones are for whoever opens the page anew. */
export function useLog(url: string, after: string | null): OpenLog {
  const [log, setLog] = useState<OpenLog>(FIRST);
  const frame = useRef(0);
  const first = useRef(after);

  const change = useCallback((part: Partial<OpenLog>) => setLog((before) => ({ ...before, ...part })), []);

  useEffect(() => {
    const buffer = new LogBuffer();
    let settled = Number.NEGATIVE_INFINITY;
    const settle = (now: number) => {
      if (now - settled < CALM_MS) {
        frame.current = requestAnimationFrame(settle);
        return;
      }
      settled = now;
      frame.current = 0;
      change({
        rows: buffer.settle(),
        forgotten: buffer.forgotten,
        writers: buffer.writers,
        streams: buffer.streams,
      });
    };
    const changed = () => {
      if (frame.current === 0) frame.current = requestAnimationFrame(settle);
    };
    let over = false;
    const close = openStream({
      url,
      after: first.current,
      onEvent: ({ event, data }) => {
        if (event === "line") {
          if (buffer.line(JSON.parse(data))) changed();
        } else if (event === "gap") {
          if (buffer.gap(JSON.parse(data))) changed();
        } else if (event === "end") {
          over = true;
          change({ ended: String((JSON.parse(data) as { status?: unknown }).status ?? "") });
          close();
        }
      },
      onState: (state) => change({ state: over ? "ended" : state }),
      onRefused: (status) => {
        if (status === 401) void sessionRefused();
        change({ refused: status });
      },
    });
    return () => {
      close();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [url, change]);

  return log;
}
