// The figures of a report: asked for in SQL, in the scope of who asks, and linked to their rows.

import { literal, sql } from '../../api/client';
import type { Compared, Span } from './ranges';
import { ofKinds, TRAFFIC, type Column, type Table } from './tables';

/** A figure, and that of the time before. */
export interface Figure {
  now: number | null;
  before: number | null;
}

export interface Line {
  keys: (string | null)[];
  figures: Figure[];
  sample: string | null;
}

const TOP = 10;

function moment(at: number): string {
  return `timestamp ${literal(new Date(at).toISOString())}`;
}

function oneOf(kinds: readonly string[]): string {
  return `kind in (${kinds.map(literal).join(', ')})`;
}

/** An aggregate over the rows of now, and over those of before. */
function both(sql: string, name: string, range: Compared, kinds?: readonly string[]): string {
  const of = kinds ? `${oneOf(kinds)} and ` : '';
  const now = `${sql} filter (where ${of}at >= ${moment(range.from)}) as ${name}_now`;
  return `${now}, ${sql} filter (where ${of}at < ${moment(range.before.until)}) as ${name}_before`;
}

function within(range: Compared, table: { kinds: readonly string[]; only?: string }): string {
  const only = table.only ? ` and ${table.only}` : '';
  return `at >= ${moment(range.before.from)} and at < ${moment(range.until)} and ${oneOf(table.kinds)}${only}`;
}

/** The question of a table; the rows with the most of `order`, a column's id, come first. */
export function tableSql(table: Table, range: Compared, order?: string): string {
  const keys = table.keys.map((key, at) => `${key.sql} as k${at}`);
  const columns = table.columns.map((it, at) => both(it.sql, `c${at}`, range, it.kinds));
  const sample = table.hasSample ? ['min(text) as sample'] : [];
  const by = Math.max(
    table.columns.findIndex((it) => it.id === order),
    0,
  );
  const all = table.byAll ? [both('count(*)', 'all', range)] : [];
  const first = table.byAll ? 'all' : `c${by}`;
  return [
    `select ${[...keys, ...columns, ...all, ...sample].join(', ')}`,
    `from events where ${within(range, table)}`,
    `group by ${table.keys.map((_, at) => at + 1).join(', ')}`,
    `order by ${first}_now desc nulls last, ${first}_before desc nulls last, 1`,
    `limit ${table.top ?? TOP}`,
  ].join(' ');
}

type Answer = Record<string, string | number | undefined>;

/** The lines of a table. */
export async function lines(
  table: Table,
  range: Compared,
  order: string,
  signal: AbortSignal,
): Promise<Line[]> {
  const answers = await sql<Answer>(tableSql(table, range, order), signal);
  const first = table.byAll ? 'all' : 'c0';
  const counted = answers.filter((it) => it[`${first}_now`] || it[`${first}_before`]);
  return counted.map((answer) => ({
    // What is null is left out of an answer.
    keys: table.keys.map((_, at) => text(answer[`k${at}`])),
    figures: table.columns.map((_, at) => figure(answer, `c${at}`)),
    sample: text(answer.sample),
  }));
}

function text(value: string | number | undefined): string | null {
  return value === undefined ? null : String(value);
}

function figure(answer: Answer, name: string): Figure {
  const number = (value: string | number | undefined) =>
    value === undefined ? null : Number(value);
  return { now: number(answer[`${name}_now`]), before: number(answer[`${name}_before`]) };
}

export type Series = keyof typeof TRAFFIC;
export const SERIES = Object.keys(TRAFFIC) as Series[];

/** Rows of each stretch of time, those of before at the same place. */
export interface Traffic {
  /** When each stretch begins, milliseconds since 1970. */
  at: number[];
  series: Record<
    Series,
    { now: number[]; before: number[]; total: { now: number; before: number } }
  >;
}

const STRETCHES = [60, 300, 900, 3_600, 10_800, 21_600, 86_400];
const STRETCHES_WANTED = 120;

/** Seconds that a bar stands for. */
export function stretch({ from, until }: Span): number {
  const seconds = (until - from) / 1000;
  return (
    STRETCHES.find((it) => seconds / it <= STRETCHES_WANTED) ??
    Math.ceil(seconds / STRETCHES_WANTED / 86_400) * 86_400
  );
}

export function trafficSql(range: Compared): string {
  const counts = SERIES.map((it) => `count(*) filter (where ${oneOf(TRAFFIC[it])}) as ${it}`);
  const kinds = Object.values(TRAFFIC).flat();
  const isNow = `at >= ${moment(range.from)}`;
  // Stretches begin with each of the two times. Microseconds.
  const begin = `case when ${isNow} then ${range.from * 1000} else ${range.before.from * 1000} end`;
  const place = `(cast(at as bigint) - ${begin}) / ${stretch(range) * 1_000_000}`;
  return [
    `select ${isNow} as is_now, ${place} as place, ${counts.join(', ')}`,
    `from events where ${within(range, { kinds })} and (${isNow} or at < ${moment(range.before.until)})`,
    'group by 1, 2',
  ].join(' ');
}

type Stretch = { is_now: boolean; place: number } & Record<Series, number>;

export async function traffic(range: Compared, signal: AbortSignal): Promise<Traffic> {
  return gathered(await sql<Stretch>(trafficSql(range), signal), range);
}

/** What was counted, with zero for stretches in which nothing was. */
export function gathered(answers: Stretch[], range: Compared): Traffic {
  const every = stretch(range) * 1000;
  const count = Math.ceil((range.until - range.from) / every);
  const at = Array.from({ length: count }, (_, place) => range.from + place * every);
  const empty = () => new Array<number>(count).fill(0);
  const series = Object.fromEntries(
    SERIES.map((it) => [it, { now: empty(), before: empty(), total: { now: 0, before: 0 } }]),
  ) as Traffic['series'];
  for (const answer of answers) {
    const when = answer.is_now ? 'now' : 'before';
    for (const it of SERIES) {
      series[it].total[when] += answer[it];
      // A month may be compared with one that is longer.
      if (answer.place < count) series[it][when][answer.place] = answer[it];
    }
  }
  return { at, series };
}

/** The question for the rows that a figure counts. */
export function question(table: Table, column: Column, keys: Line['keys']): string {
  const conditions = table.keys.map((key, at) =>
    key.id === 'kind' ? '' : key.condition(keys[at] ?? null),
  );
  const kind = table.keys.findIndex((it) => it.id === 'kind');
  const kinds = kind < 0 ? (column.kinds ?? table.kinds) : [keys[kind] ?? ''];
  return [ofKinds(kinds), ...conditions].filter((it) => it !== '').join(' ');
}
