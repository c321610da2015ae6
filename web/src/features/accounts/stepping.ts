/** Step-up, apart from what it looks like: a refused act is done again, once, when one has shown who one is. */
import { ApiProblem } from "@/lib/problem";

export const needsStepUp = (error: unknown): boolean =>
  error instanceof ApiProblem && error.status === 403 && error.code === "step_up_needed";

/**
 * Does `act`. Where it takes a step-up, `prove` is asked to get one: false when it was given up, and then the refusal
 * stands, as does whatever the second run throws.
 */
export async function stepped<Data>(act: () => Promise<Data>, prove: () => Promise<boolean>): Promise<Data> {
  try {
    return await act();
  } catch (error) {
    if (!needsStepUp(error) || !(await prove())) throw error;
    return act();
  }
}
