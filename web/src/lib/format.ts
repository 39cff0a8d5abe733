// Times, numbers, sizes and foreign text as the reader reads them.
//
// What is called while a component is drawn is drawn anew when language or zone change.

import { preferences } from './preferences.svelte';

const made = new Map<string, unknown>();

/** Formatters are dear to make. */
function kept<T>(name: string, make: (locale: string) => T): T {
  const key = `${preferences.locale} ${preferences.timeZone} ${name}`;
  let formatter = made.get(key) as T | undefined;
  if (!formatter) made.set(key, (formatter = make(preferences.locale)));
  return formatter;
}

function times(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = preferences.timeZone;
  return kept(name, (locale) => new Intl.DateTimeFormat(locale, { timeZone, ...options }));
}

export type Moment = string | number | Date;

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...CLOCK, second: '2-digit' } as const;

/** 14:05:09 */
export function clockTime(at: Moment): string {
  return times('clock', SECONDS).format(new Date(at));
}

/** 14:05 */
export function minuteTime(at: Moment): string {
  return times('minute', CLOCK).format(new Date(at));
}

/** Mon 23 Nov, with the year where it is not this one */
export function day(at: Moment): string {
  const date = new Date(at);
  const base = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  if (date.getUTCFullYear() === new Date().getUTCFullYear()) return times('day', base).format(date);
  return times('day year', { ...base, year: 'numeric' }).format(date);
}

/** 23 Nov 14:05:09, with the year where it is not this one */
export function dateTime(at: Moment): string {
  return `${date(at)} ${clockTime(at)}`;
}

/** 23 Nov, with the year where it is not this one */
export function date(at: Moment): string {
  const base = { day: 'numeric', month: 'short' } as const;
  const isThisYear = new Date(at).getUTCFullYear() === new Date().getUTCFullYear();
  const format = isThisYear
    ? times('date', base)
    : times('date year', { ...base, year: 'numeric' });
  return format.format(new Date(at));
}

/** Monday 23 November 2026, 14:05:09.123 CET */
export function fullTime(at: Moment, timeZone = preferences.timeZone): string {
  const format = kept(
    `full ${timeZone}`,
    (locale) =>
      new Intl.DateTimeFormat(locale, {
        timeZone,
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        year: 'numeric',
        ...SECONDS,
        fractionalSecondDigits: 3,
        timeZoneName: 'short',
      }),
  );
  return format.format(new Date(at));
}

/** Of two letters (ISO 3166-1) the country's name. */
export function country(code: string): string {
  const names = kept('country', (locale) => new Intl.DisplayNames(locale, { type: 'region' }));
  return names.of(code) ?? code;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** 3 days ago, in 2 hours */
export function ago(at: Moment, now: number = Date.now()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const [unit, length] =
    UNITS.find(([, it]) => Math.abs(seconds) >= it) ?? (['second', 1] as const);
  const format = kept('ago', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  return format.format(Math.trunc(seconds / length), unit);
}

const LENGTHS: [number, string, number][] = [
  [86_400_000, 'd', 3_600_000],
  [3_600_000, 'h', 60_000],
  [60_000, 'min', 1_000],
];

/** A length of time from milliseconds: 870 ms, 1.1 s, 4 min 3 s, 2 d 4 h */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  if (ms < 1_000) return `${number(Math.round(ms))} ms`;
  if (ms < 60_000) return `${number(ms / 1_000, ms < 10_000 ? 1 : 0)} s`;
  const [length, unit, smaller] = LENGTHS.find(([it]) => ms >= it)!;
  const rest = Math.floor((ms % length) / smaller);
  const small = { d: 'h', h: 'min', min: 's' }[unit]!;
  return `${number(Math.floor(ms / length))} ${unit}${rest ? ` ${rest} ${small}` : ''}`;
}

/** 12,345; with so many digits behind the point at the most */
export function number(value: number, digits = 0): string {
  const format = kept(
    `number ${digits}`,
    (locale) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: digits, useGrouping: 'always' }),
  );
  return format.format(value);
}

/** 12k, 1.2M: where there is little room */
export function short(value: number): string {
  const format = kept(
    'short',
    (locale) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }),
  );
  return format.format(value);
}

/** Of a part from 0 to 1: 12%, 0.4% */
export function percent(part: number): string {
  const digits = part !== 0 && Math.abs(part) < 0.1 ? 1 : 0;
  const format = kept(
    `percent ${digits}`,
    (locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }),
  );
  return format.format(part);
}

/** Bytes: 5.2 kB, 10 MB; thousands, as in questions */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const at = bytes < 1_000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1_000 ** at;
  return `${number(value, at > 0 && value < 10 ? 1 : 0)} ${units[at]}`;
}

/** a, b and c */
export function list(items: string[]): string {
  return kept('list', (locale) => new Intl.ListFormat(locale)).format(items);
}

/** Those that do something to other text, or are not seen: control, bidi, zero width, lone halves. */
const HIDDEN =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from a log, with what would not be seen, or would move other text, made visible. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (it) => {
    const code = it.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
  });
}
