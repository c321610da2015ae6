/** A second factor, as the browser and people give it. */
import type { Factors, Proof } from "@/lib/types";
import { provingWords } from "@/lib/words-account";

/** The ways of giving it; the first that is set up is offered first. */
export type Way = "code" | "recovery" | "passkey";

export const firstWay = (factors: Factors): Way => (factors.totp ? "code" : "passkey");

/** What else can be given, besides the way that is open. */
export function otherWays(factors: Factors, way: Way): Way[] {
  const all: [Way, boolean][] = [
    ["code", factors.totp],
    ["passkey", factors.passkeys > 0],
    ["recovery", factors.recovery_codes > 0],
  ];
  return all.filter(([each, there]) => there && each !== way).map(([each]) => each);
}

/** What was typed, as the server takes it; null when it cannot be it yet. Apps show the digits in two groups. */
export function typedProof(way: "code" | "recovery", typed: string): Proof | null {
  const text = typed.replace(/\s+/g, way === "code" ? "" : " ").trim();
  if (way === "code") return /^\d{6}$/.test(text) ? { code: text } : null;
  return text ? { recovery_code: text } : null;
}

/** A path of this dashboard, and of no other place: what a browser takes for a host is none. */
export const ownPath = (path: string): string => (/^\/(?![/\\])/.test(path) ? path : "/");

/** Whether this browser, at this address, can do passkeys. */
export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential === "function" &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  "parseCreationOptionsFromJSON" in PublicKeyCredential;

/** The browser's refusal in words; anything else as it was. */
export function passkeyError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const known = provingWords.passkeyErrors as Record<string, string>;
  return new Error(known[error.name] ?? provingWords.passkeyErrors.other);
}

async function credential(asked: Promise<Credential | null>): Promise<Record<string, unknown>> {
  const given = await asked.catch((error: unknown) => {
    throw passkeyError(error);
  });
  if (!given) throw new Error(provingWords.passkeyErrors.other);
  return { ...(given as PublicKeyCredential).toJSON() };
}

/** Asks for a passkey by the server's options. Throws a sentence when none was given. */
export function givePasskey(options: unknown): Promise<Record<string, unknown>> {
  const json = options as PublicKeyCredentialRequestOptionsJSON;
  return credential(
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
  );
}

/** Makes a passkey by the server's options. Throws a sentence when none was made. */
export function makePasskey(options: unknown): Promise<Record<string, unknown>> {
  const json = options as PublicKeyCredentialCreationOptionsJSON;
  return credential(
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
  );
}
