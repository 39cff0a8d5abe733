// The time that a report is about, and the time before that it is compared with.

import { civil, instant, shifted, type Civil } from './civil';

/** From a moment on, up to another one that is not in it; milliseconds since 1970. */
export interface Span {
  from: number;
  until: number;
}

export interface Compared extends Span {
  before: Span;
}

export const RANGE_USUAL = 'last 7 days';

const MINUTE = 60_000;
const LENGTHS: Record<string, number> = {
  m: MINUTE,
  h: 60 * MINUTE,
  d: 1_440 * MINUTE,
  w: 10_080 * MINUTE,
};

/** What a range of a question means, of those that have both ends; `undefined` for others. */
export function compared(text: string, now: number, zone: string): Compared | undefined {
  const words = text.trim().toLowerCase();
  return ofCalendar(words, now, zone) ?? back(words, now) ?? between(words, zone);
}

/** `last 7 days`, `24h` */
function back(words: string, now: number): Compared | undefined {
  const found = /^(?:last |-)?(\d+) ?(m|h|d|w|minute|hour|day|week)s?$/.exec(words);
  if (!found) return undefined;
  const length = Number(found[1]) * LENGTHS[found[2]![0]!]!;
  return length > 0 ? withBefore({ from: now - length, until: now }) : undefined;
}

/** A stretch, with one as long in front of it. */
function withBefore({ from, until }: Span): Compared {
  return { from, until, before: { from: 2 * from - until, until: from } };
}

type Shift = { days?: number; months?: number };

/** `today`, `last week`: whole ones are compared with whole ones, others with as much of the one before. */
function ofCalendar(words: string, now: number, zone: string): Compared | undefined {
  const [year, month, day] = civil(now, zone);
  const monday = day - ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7);
  const units: Record<string, [Civil, Shift]> = {
    today: [[year, month, day], { days: 1 }],
    'this week': [[year, month, monday], { days: 7 }],
    'this month': [[year, month, 1], { months: 1 }],
  };
  const whole: Record<string, string> = {
    yesterday: 'today',
    'last week': 'this week',
    'last month': 'this month',
  };
  const [first, unit] = units[whole[words] ?? words] ?? [];
  if (!first || !unit) return undefined;
  const from = instant(first, zone);
  const back = (at: number) =>
    shifted(at, zone, { days: -(unit.days ?? 0), months: -(unit.months ?? 0) });
  if (!(words in whole))
    return { from, until: now, before: { from: back(from), until: Math.min(back(now), from) } };
  return { from: back(from), until: from, before: { from: back(back(from)), until: back(from) } };
}

/** `2026-11-01..2026-11-15` with both days, `2026-11-01T10:00..2026-11-01T11:30`, a day, a month. */
function between(words: string, zone: string): Compared | undefined {
  const [first = '', last = first] = words.split('..').map((it) => it.trim());
  const [from, until] = [begin(first, zone), end(last, zone)];
  if (from === undefined || until === undefined || until <= from) return undefined;
  return withBefore({ from, until });
}

function begin(text: string, zone: string): number | undefined {
  const found =
    /^(\d{4})-(\d\d)(?:-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(z|[+-]\d\d:\d\d)?)?)?$/.exec(
      text,
    );
  if (!found) return undefined;
  if (found[7]) return Date.parse(text.toUpperCase()) || undefined;
  const [, year, month, day = '1', ...clock] = found;
  const time = clock.slice(0, 3).map((it) => Number(it ?? 0));
  return instant([Number(year), Number(month), Number(day), ...time] as Civil, zone);
}

/** Days and months are included, moments are not. */
function end(text: string, zone: string): number | undefined {
  const from = begin(text, zone);
  if (from === undefined || text.includes(':')) return from;
  return shifted(from, zone, text.length === 7 ? { months: 1 } : { days: 1 });
}
