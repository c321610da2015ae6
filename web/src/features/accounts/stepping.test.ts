import { describe, expect, test, vi } from "vitest";
import { ApiProblem } from "@/lib/problem";
import { stepped } from "./stepping";

const needed = new ApiProblem(403, "step_up_needed", "This needs your second factor again.");
const yes = () => Promise.resolve(true);

describe("an act that may take a step-up", () => {
  test("is done once where it takes none", async () => {
    const act = vi.fn().mockResolvedValue("done");
    const prove = vi.fn(yes);
    expect(await stepped(act, prove)).toBe("done");
    expect([act.mock.calls.length, prove.mock.calls.length]).toEqual([1, 0]);
  });
  test("is done again when one has shown who one is", async () => {
    const act = vi.fn().mockRejectedValueOnce(needed).mockResolvedValue("done");
    expect(await stepped(act, yes)).toBe("done");
    expect(act).toHaveBeenCalledTimes(2);
  });
  test("stays refused when that was given up", async () => {
    const act = vi.fn().mockRejectedValue(needed);
    await expect(stepped(act, () => Promise.resolve(false))).rejects.toBe(needed);
    expect(act).toHaveBeenCalledTimes(1);
  });
  test("is not done a third time", async () => {
    const act = vi.fn().mockRejectedValue(needed);
    await expect(stepped(act, yes)).rejects.toBe(needed);
    expect(act).toHaveBeenCalledTimes(2);
  });
  test("asks nothing for another refusal", async () => {
    const other = new ApiProblem(403, "role_needed", "Ask an owner.");
    const prove = vi.fn(yes);
    await expect(stepped(() => Promise.reject(other), prove)).rejects.toBe(other);
    expect(prove).not.toHaveBeenCalled();
  });
});
