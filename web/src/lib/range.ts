// Ranges of time as the API takes them: `last 2 hours`, `today`, `FROM..UNTIL`; empty for all times.

import { dateTime, minuteTime, day, visible } from './format';
import { preferences } from './preferences.svelte';
import { words } from './words';
import { shell } from '../words/shell';

/** Ranges that one chooses from. */
export const presets = [
  'last 15 minutes',
  'last 1 hour',
  'last 4 hours',
  'last 24 hours',
  'last 7 days',
  'last 30 days',
  'today',
  'yesterday',
  'this week',
  'last week',
  'this month',
  'last month',
];

/** From a moment up to another one. */
export function between(from: number, until: number): string {
  return `${instant(from)}..${instant(until)}`;
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** The moments of a range that names two of them, in milliseconds. */
export function moments(range: string): [number, number] | undefined {
  const [from, until] = range.split('..').map((it) => Date.parse(it));
  if (from === undefined || until === undefined || Number.isNaN(from) || Number.isNaN(until))
    return undefined;
  return [from, until];
}

/** How a range reads. */
export function rangeWord(range: string): string {
  const w = words(shell);
  const named: Record<string, string> = {
    '': w.allTimes,
    today: w.today,
    yesterday: w.yesterday,
    'this week': w.thisWeek,
    'last week': w.lastWeek,
    'this month': w.thisMonth,
    'last month': w.lastMonth,
  };
  if (range in named) return named[range]!;
  const [, count, unit] = /^last (\d+) (minute|hour|day)s?$/.exec(range) ?? [];
  if (count && unit) {
    const many = { minute: w.minutes, hour: w.hours, day: w.days }[unit]!;
    return w.last(many(Number(count)));
  }
  const both = moments(range);
  if (!both) return visible(range);
  const [from, until] = both;
  return day(from) === day(until)
    ? `${dateTime(from)} – ${minuteTime(until)}`
    : `${dateTime(from)} – ${dateTime(until)}`;
}

/** A moment for a field of date and time, in the chosen zone; and back. */
export function toField(at: number): string {
  const shift = preferences.zone === 'utc' ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - shift).toISOString().slice(0, 16);
}

export function fromField(text: string): number {
  return Date.parse(preferences.zone === 'utc' ? `${text}Z` : text);
}
