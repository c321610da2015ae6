/** Calls that create something: pressed again after a lost answer, they have no second effect (Idempotency-Key). */
import { type Answer, ask } from "./client";
import { ApiProblem } from "./problem";

/** Keys of calls whose outcome is not known, by what they were to do. */
const unanswered = new Map<string, string>();

function newKey(): string {
  // Not randomUUID: browsers have that on https and localhost only.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** True when a call may have had its effect though no answer of the API came. */
const unknownOutcome = (error: unknown) =>
  !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500;

/**
 * Asks with a key of its own. When nobody knows whether the call arrived, the next one with the same intent repeats
 * its key; after any answer the same intent is a new call.
 */
export async function askOnce<Data>(
  intent: string,
  request: (header: { "Idempotency-Key": string }) => Promise<Answer<Data>>,
): Promise<Data> {
  const key = unanswered.get(intent) ?? newKey();
  unanswered.set(intent, key);
  try {
    const data = await ask(request({ "Idempotency-Key": key }));
    unanswered.delete(intent);
    return data;
  } catch (error) {
    if (!unknownOutcome(error)) unanswered.delete(intent);
    throw error;
  }
}
