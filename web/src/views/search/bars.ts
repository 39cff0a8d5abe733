// A histogram as it is drawn: with the bars that have no rows.

import type { Schema } from '../../api/client';
import { moments } from '../../lib/range';

export interface Bars {
  times: number[];
  rows: number[];
  /** From and until of the axis, in milliseconds. */
  span: [number, number];
  total: number;
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const BARS_MAX = 5_000;

export function bars(histogram: Schema['Histogram'], range: string, now: number): Bars | undefined {
  const every = histogram.every * 1_000;
  const found = new Map(histogram.bars.map((it) => [Date.parse(it.at), it.rows]));
  const all = [...found.keys()];
  const named = moments(range) ?? back(range, now);
  const from = named?.[0] ?? all[0];
  const until = named?.[1] ?? (all.at(-1) ?? 0) + every;
  if (from === undefined || (until - from) / every > BARS_MAX) return undefined;
  const origin = all[0] ?? from;
  const begin = origin - Math.ceil((origin - from) / every) * every;
  const times: number[] = [];
  for (let at = begin; at < until; at += every) times.push(at);
  const rows = times.map((at) => found.get(at) ?? 0);
  return {
    times,
    rows,
    span: [begin, Math.max(until, begin + every)],
    total: all.reduce((sum, at) => sum + found.get(at)!, 0),
  };
}

/** Of `last 2 hours`. */
function back(range: string, now: number): [number, number] | undefined {
  const [, count, unit] = /^last (\d+) (minute|hour|day)s?$/.exec(range) ?? [];
  return count && unit ? [now - Number(count) * UNITS[unit]!, now] : undefined;
}
