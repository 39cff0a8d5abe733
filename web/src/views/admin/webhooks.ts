// Where events are sent. Source: crates/tenancy/src/webhooks.rs.

import { api, type Schema } from '../../api/client';

export const EVENTS = [
  'accepted',
  'delivered',
  'temporary_fail',
  'permanent_fail',
  'rejected',
  'stored',
  'opened',
  'clicked',
  'unsubscribed',
  'complained',
] as const;
export type EventName = (typeof EVENTS)[number];

/** A webhook, and how many events its receiver did not take, up to one more than are counted. */
export type Sent = Schema['Webhook'] & { dead: number };

/** More given up events are told as "more than": they come with all that they say. */
export const COUNTED_MAX = 20;

export async function webhooksOf(customer: number | null, signal: AbortSignal): Promise<Sent[]> {
  const all = await api.get('/api/v1/webhooks', { query: { customer }, signal });
  const counted = async (it: Schema['Webhook']) => {
    const query = { limit: COUNTED_MAX + 1 };
    const path = { id: it.id };
    return { ...it, dead: (await api.get('/api/v1/webhooks/{id}/dead', { path, query })).length };
  };
  return Promise.all(all.map(counted));
}

/** An event in words: which, for whom, of which message. */
export function eventWord(event: Record<string, unknown>): EventName | undefined {
  const failed = event.severity === 'temporary' ? 'temporary_fail' : 'permanent_fail';
  const name = event.event === 'failed' ? failed : event.event;
  return EVENTS.find((it) => it === name);
}

/** The Message-ID that an event names, as the page of the message takes it. */
export function messageOf(event: Record<string, unknown>): string | undefined {
  const { message } = event as { message?: { headers?: Record<string, unknown> } };
  const id = message?.headers?.['message-id'];
  return typeof id === 'string' && id ? `<${id}>` : undefined;
}
