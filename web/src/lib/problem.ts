/** What the API said when it refused: problem+json (RFC 9457), or our own words when it could not be reached. */
import { words } from "./words";

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly requestId: string | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    fields: Record<string, string> = {},
    requestId: string | null = null,
  ) {
    super(detail);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.requestId = requestId;
  }
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Reads any body a server or a proxy in between may send with an error status. */
export function problemFrom(status: number, body: unknown): ApiProblem {
  const record = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const fields: Record<string, string> = {};
  if (typeof record.fields === "object" && record.fields !== null) {
    for (const [name, sentence] of Object.entries(record.fields)) {
      if (typeof sentence === "string") fields[name] = sentence;
    }
  }
  return new ApiProblem(
    status,
    text(record.code) ?? `http_${status}`,
    text(record.detail) ?? text(record.title) ?? words.errors.unexpected(status),
    fields,
    text(record.request_id),
  );
}

export function unreachable(): ApiProblem {
  return new ApiProblem(0, "unreachable", words.errors.unreachable);
}

/** The sentence of any thrown thing. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The sentence for one field of a form; the server may name it by its last part (`source.url` or `url`). */
export function fieldOf(error: unknown, name: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const last = name.split(".").at(-1) ?? name;
  return error.fields[name] ?? error.fields[last];
}
