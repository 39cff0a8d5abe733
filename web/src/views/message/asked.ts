// What is asked of the API about a message, and which of the answers is meant.

import { api, type Row } from '../../api/client';
import { journeysOf, refusalsOf } from './from_rows';
import { keyOf, type Journey, type Refusal } from './journey';

export interface Answer {
  /** Whether it is no message but an address, which has a page of its own. */
  isAddress?: boolean;
  /** What was asked for in the end. */
  what: string;
  rows: Row[];
  journeys: Journey[];
  refusals: Refusal[];
  more: boolean;
}

/** Messages of one name. */
const JOURNEYS_MAX = 50;
/** Names a row. */
const ROW_ID = /^[0-9a-f]{32}$/;

/** An address; or a Message-ID that somebody copied without what stands around it. */
const ADDRESS = /^[^\s<>@"\\]+@[^\s<>@"\\]+$/;

async function isMessageId(what: string, signal: AbortSignal): Promise<boolean> {
  const q = `message_id:"<${what}>"`;
  const { rows } = await api.get('/api/v1/rows', { query: { q, limit: 1 }, signal });
  return rows.length > 0;
}

export async function ask(what: string, lines: boolean, signal: AbortSignal): Promise<Answer> {
  if (ROW_ID.test(what)) {
    const row = await api.get('/api/v1/rows/{id}', { path: { id: what }, signal });
    const id = row.message_id ?? row.queue_id;
    if (id) return ask(id, lines, signal);
    return { what, rows: [row], journeys: [], refusals: refusalsOf([row]), more: false };
  }
  if (ADDRESS.test(what) && !(await isMessageId(what, signal)))
    return { isAddress: true, what, rows: [], journeys: [], refusals: [], more: false };
  const told = await api.get('/api/v1/trace', {
    query: { what, lines, limit: JOURNEYS_MAX },
    signal,
  });
  const journeys = told.journeys as Journey[] | undefined;
  const refusals = told.refusals as Refusal[] | undefined;
  return {
    what,
    rows: told.rows,
    journeys: journeys ?? journeysOf(told.rows),
    refusals: refusals ?? refusalsOf(told.rows),
    more: told.more,
  };
}

/** The message that is meant: the one chosen, the only one, or the only one of that name. */
export function chosen(answer: Answer, of: string): Journey | undefined {
  const { journeys, what } = answer;
  if (of) return journeys.find((it) => keyOf(it) === of);
  if (journeys.length === 1) return journeys[0];
  const bare = (id = '') => id.replace(/^<|>$/g, '');
  const named = journeys.filter(
    (it) => bare(it.message_id) === bare(what) || it.hops?.some((hop) => hop.queue_id === what),
  );
  return named.length === 1 ? named[0] : undefined;
}
