/**
 * One event stream that comes back by itself: resumes with Last-Event-ID, backs off, notices a dead connection, and
 * lets go while the tab is hidden (browsers allow six connections to a host; hidden tabs must not use them up).
 */
import { EventParser, type StreamEvent } from "./sse";

export type StreamState = "connecting" | "open" | "waiting" | "paused" | "ended";

export type StreamOptions = {
  url: string | (() => string);
  /** Go on after this event. */
  after?: string | null;
  onEvent: (event: StreamEvent) => void;
  /** Each change of state; `again` tells a return from the first opening. */
  onState?: (state: StreamState, again: boolean) => void;
  /** The server refused for good: 401, 403, 404. */
  onRefused?: (status: number) => void;
};

const SILENCE_MS = 45_000;
const HIDDEN_MS = 60_000;
const FINAL = new Set([401, 403, 404, 410]);

/** Milliseconds before try number `attempt` (from 1): doubles from 0.5 s to 15 s, spread by `random` in [0, 1). */
export function backOff(attempt: number, random: number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** (attempt - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

/** Opens the stream and keeps it open. Returns the way to close it; closing twice is harmless. */
export function openStream(options: StreamOptions): () => void {
  let closed = false;
  let attempt = 0;
  let opened = false;
  let lastId: string | null = options.after ?? null;
  let abort = new AbortController();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;
  let paused = false;

  const say = (state: StreamState) => options.onState?.(state, opened);

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => abort.abort(), SILENCE_MS);
  };

  const later = () => {
    if (closed || paused) return;
    attempt += 1;
    say("waiting");
    retry = setTimeout(connect, backOff(attempt, Math.random()));
  };

  const read = async (response: Response) => {
    if (!response.body) return;
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || closed) return;
      heard();
      for (const event of parser.push(value)) if (!closed) options.onEvent(event);
      lastId = parser.lastId ?? lastId;
    }
  };

  const connect = async () => {
    clearTimeout(retry);
    if (closed || paused) return;
    abort.abort();
    abort = new AbortController();
    const mine = abort;
    say("connecting");
    heard();
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId !== null) headers["Last-Event-ID"] = lastId;
      const response = await fetch(typeof options.url === "string" ? options.url : options.url(), {
        headers,
        credentials: "same-origin",
        signal: mine.signal,
        cache: "no-store",
      });
      if (FINAL.has(response.status)) {
        close();
        options.onRefused?.(response.status);
        return;
      }
      if (response.ok) {
        attempt = 0;
        say("open");
        opened = true;
        await read(response);
      }
    } catch {
      // A broken connection of any kind: try again below; the state says so to the reader.
    } finally {
      clearTimeout(silence);
    }
    if (mine === abort) later();
  };

  const wake = () => {
    clearTimeout(hidden);
    if (closed || document.visibilityState === "hidden") {
      if (!closed) hidden = setTimeout(pause, HIDDEN_MS);
      return;
    }
    if (!paused) return;
    paused = false;
    attempt = 0;
    void connect();
  };

  const pause = () => {
    if (closed) return;
    paused = true;
    clearTimeout(retry);
    abort.abort();
    say("paused");
  };

  const online = () => {
    if (closed || paused || attempt === 0) return;
    attempt = 0;
    void connect();
  };

  const close = () => {
    if (closed) return;
    closed = true;
    for (const timer of [retry, silence, hidden]) clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", online);
    abort.abort();
    say("ended");
  };

  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", online);
  void connect();
  return close;
}
