// When what waits is tried again and given up: estimates, in words.

import { span } from '../../lib/format';
import type { queue } from '../../words/queue';
import type { Queued } from './groups';

type Words = typeof queue.en;

/** Seconds tell nothing where minutes are a guess. */
export function length(ms: number): number {
  return Math.max(Math.round(ms / 60_000), 1) * 60_000;
}

const told = (ms: number) => span(length(ms));

export function nextWords(it: Queued, at: number, w: Words): string {
  if (it.state === 'held') return w.nobodyTries;
  if (!it.next_from || !it.next_until) return w.notKnown;
  const [from, until] = [Date.parse(it.next_from) - at, Date.parse(it.next_until) - at];
  const words =
    until < 0
      ? w.wasDue
      : until - from < 60_000
        ? w.about(told(until))
        : from < 60_000
          ? w.within(told(until))
          : w.between(told(from), told(until));
  return it.next_by === 'interval' ? `${words}, ${w.asBefore}` : words;
}

export function endWords(expires: string | null | undefined, at: number, w: Words): string {
  if (!expires) return w.notKnown;
  const left = Date.parse(expires) - at;
  return left < 0 ? w.atTheNext : w.inTime(told(left));
}

/** Whether anybody told when something is tried again or given up. */
export function hasEstimates(queued: Queued[]): boolean {
  return queued.some((it) => it.next_until || it.expires);
}
