// The figures of a report: counted by the daemon in the scope of who asks, and linked to their rows.

import { api } from '../../api/client';
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

/** The four moments, as they are asked for. */
function times({ from, until, before }: Compared) {
  const moment = (at: number) => new Date(at).toISOString();
  return {
    from: moment(from),
    until: moment(until),
    before_from: moment(before.from),
    before_until: moment(before.until),
  };
}

/** The lines of a table; those with the most of `order`, a column's id, come first. */
export async function lines(
  table: Table,
  range: Compared,
  order: string,
  signal: AbortSignal,
): Promise<Line[]> {
  const path = { table: table.id };
  const query = { ...times(range), order };
  const answer = await api.get('/api/v1/figures/{table}', { path, query, signal });
  return answer.map(({ keys, figures, sample }) => ({
    keys: keys.map((it) => it ?? null),
    figures: figures.map(({ now, before }) => ({ now: now ?? null, before: before ?? null })),
    sample: sample ?? null,
  }));
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

/** What was counted, with zero for stretches in which nothing was. */
export async function traffic(range: Compared, signal: AbortSignal): Promise<Traffic> {
  const every = stretch(range);
  const query = { ...times(range), every };
  const answer = await api.get('/api/v1/figures', { query, signal });
  const all = answer.map(({ id, now, before, total, total_before }) => {
    return [id, { now, before, total: { now: total, before: total_before } }] as const;
  });
  const at = Array.from(answer[0]?.now ?? [], (_, place) => range.from + place * every * 1000);
  return { at, series: Object.fromEntries(all) as Traffic['series'] };
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
