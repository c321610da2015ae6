import { describe, expect, test } from "vitest";
import type { Offer, Session } from "@/lib/types";
import { standing } from "./invitation";

const offer = (email: string | null) => ({ email }) as Offer;
const session = (email: string) => ({ user: { email } }) as Session;

describe("who looks at an invitation", () => {
  test("is a stranger before signing in", () =>
    expect(standing(offer("ada@example.org"), null)).toBe("stranger"));
  test("is the invited one with the address it is for, whatever its case", () =>
    expect(standing(offer("ada@example.org"), session("Ada@Example.org"))).toBe("invited"));
  test("is somebody else with any other", () =>
    expect(standing(offer("ada@example.org"), session("eve@example.org"))).toBe("other"));
  test("is invited by a link that is for no address", () =>
    expect(standing(offer(null), session("eve@example.org"))).toBe("invited"));
});
