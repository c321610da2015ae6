/** Reads a text/event-stream piece by piece, as the standard describes it. */

export type StreamEvent = { event: string; data: string; id: string | null };

export class EventParser {
  /** Pieces of a line whose end has not come: a long one is joined once, not with every piece. */
  private rest: string[] = [];
  private data: string[] = [];
  private event = "";
  private id: string | null = null;
  /** The id of the last complete event, or the mark after it: where a stream that breaks now goes on. */
  lastId: string | null = null;
  private afterReturn = false;

  /** Takes the next piece of text and returns the events that are complete with it. */
  push(piece: string): StreamEvent[] {
    let text = piece;
    // A line may end in \r\n whose halves arrive in two pieces.
    if (this.afterReturn && text.startsWith("\n")) text = text.slice(1);
    if (piece !== "") this.afterReturn = piece.endsWith("\r");
    if (!/[\r\n]/.test(text)) {
      if (text !== "") this.rest.push(text);
      return [];
    }
    const lines = (this.rest.join("") + text).split(/\r\n|\r|\n/);
    const rest = lines.pop() ?? "";
    this.rest = rest === "" ? [] : [rest];
    const events: StreamEvent[] = [];
    for (const line of lines) {
      const complete = this.line(line);
      if (complete) events.push(complete);
    }
    return events;
  }

  private line(line: string): StreamEvent | null {
    if (line === "") {
      this.lastId = this.id;
      const complete =
        this.data.length > 0
          ? { event: this.event || "message", data: this.data.join("\n"), id: this.id }
          : null;
      this.data = [];
      this.event = "";
      return complete;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    return null;
  }
}
