// For how long the rows of a message stay. Source: crates/upkeep/src/expire.rs, rules.rs.

import { api, literal, sql, type Schema } from '../../api/client';
import { lastOf, when, type Journey } from './journey';
import { earliest, type Kept, type Part } from './expiry';

/** Servers' handles that are asked for; rows of further ones are of the same days. */
const ITEMS_MAX = 20;

/** Which classes the rows of a message are in, and their first days; `undefined` where nothing names them. */
export function questionOf(journey: Journey): string | undefined {
  const ids = (journey.hops ?? []).map((it) => it.queue_id).slice(0, ITEMS_MAX);
  if (ids.length === 0) return undefined;
  const day = (at: number) => `DATE '${new Date(at).toISOString().slice(0, 10)}'`;
  const days = `day BETWEEN ${day(when(journey.arrived))} AND ${day(when(lastOf(journey)))}`;
  const named = `queue_id IN (${ids.map(literal).join(', ')})`;
  return `SELECT class, min(day) AS first FROM events WHERE ${days} AND ${named} GROUP BY class`;
}

/** Until when all of it is there; `undefined` where there is none. */
export async function kept(question: string, signal: AbortSignal): Promise<Kept | undefined> {
  const [classes, parts] = await Promise.all([
    api.get('/api/v1/retention', { signal }) as Promise<Schema['Class'][]>,
    sql<Part>(question, signal),
  ]);
  return earliest(parts, new Map(classes.map((it) => [it.name, it.days ?? null])));
}
