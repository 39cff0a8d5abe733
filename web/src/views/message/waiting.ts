// When a message that is not known is asked for again: soon at first, since lines of what was just sent are
// on their way, and then less often, since each question is noted in the audit log.

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;
/** So long it is asked for. */
export const UNTIL_MS = 600_000;

/** So long until the next question, when the first was so long ago; `undefined` for no more. */
export function nextWait(passed: number): number | undefined {
  if (passed >= UNTIL_MS) return undefined;
  return Math.min(Math.max(FIRST_MS, passed / 2), LONGEST_MS);
}
