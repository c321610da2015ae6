import { describe, expect, test } from "vitest";
import type { Factors } from "@/lib/types";
import { provingWords } from "@/lib/words-account";
import { codesFile } from "./codes";
import { firstWay, otherWays, ownPath, passkeyError, typedProof } from "./proof";

const factors = (found: Partial<Factors>): Factors => ({
  totp: false,
  passkeys: 0,
  recovery_codes: 0,
  reset_at: null,
  ...found,
});

describe("what can be given", () => {
  test("is the code first where an app is set up, then the rest", () => {
    const all = factors({ totp: true, passkeys: 2, recovery_codes: 10 });
    expect(firstWay(all)).toBe("code");
    expect(otherWays(all, "code")).toEqual(["passkey", "recovery"]);
  });
  test("is a passkey first where there is no app, and nothing that is not there", () => {
    const keys = factors({ passkeys: 1 });
    expect(firstWay(keys)).toBe("passkey");
    expect(otherWays(keys, "passkey")).toEqual([]);
  });
});

describe("what was typed", () => {
  test("is a code with six digits, in groups or not", () =>
    expect(typedProof("code", " 123 456 ")).toEqual({ code: "123456" }));
  test.each(["", "12345", "1234567", "12345a"])("is no code yet: %j", (typed) =>
    expect(typedProof("code", typed)).toBeNull(),
  );
  test("is a recovery code with anything in it", () => {
    expect(typedProof("recovery", " ab12-cd34 ")).toEqual({ recovery_code: "ab12-cd34" });
    expect(typedProof("recovery", "  ")).toBeNull();
  });
});

describe("where signing in goes on", () => {
  test("is a path of our own", () => expect(ownPath("/projects?q=a#b")).toBe("/projects?q=a#b"));
  test.each(["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])(
    "is the overview instead of %j",
    (path) => expect(ownPath(path)).toBe("/"),
  );
});

describe("a browser's refusal of a passkey", () => {
  test("is said in words", () => {
    const refused = passkeyError(new DOMException("no", "NotAllowedError")) as Error;
    expect(refused.message).toBe(provingWords.passkeyErrors.NotAllowedError);
    const unknown = passkeyError(new DOMException("no", "DataError")) as Error;
    expect(unknown.message).toBe(provingWords.passkeyErrors.other);
  });
  test("leaves every other error as it was", () => {
    const other = new TypeError("other");
    expect(passkeyError(other)).toBe(other);
  });
});

test("the file of recovery codes says what they are of", () =>
  expect(codesFile(["aa", "bb"], "dash.example")).toBe(
    "Recovery codes of WiseHosting at dash.example. Each works once.\n\naa\nbb\n",
  ));
