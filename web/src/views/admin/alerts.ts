// What can be watched, and what was found. Source: crates/alerts/src/{kind,message,source}.rs.

import type { Schema } from '../../api/client';

export interface Usual {
  /** 0 where there is none. */
  threshold: number;
  /** 0 where there is none. */
  percent: number;
  window: number;
}

/** Kinds, and what is usual for each. */
export const KINDS = {
  search: { threshold: 1, percent: 0, window: 60 },
  many_addresses: { threshold: 10, percent: 0, window: 60 },
  many_countries: { threshold: 2, percent: 0, window: 60 },
  many_failures: { threshold: 50, percent: 0, window: 60 },
  sudden_sending: { threshold: 200, percent: 300, window: 60 },
  destination_bounces: { threshold: 50, percent: 50, window: 60 },
  blocklist: { threshold: 5, percent: 0, window: 60 },
  queue_growth: { threshold: 1_000, percent: 200, window: 60 },
  silent_host: { threshold: 0, percent: 0, window: 30 },
  silent_customer: { threshold: 0, percent: 0, window: 360 },
} as const satisfies Record<string, Usual>;
export type Kind = keyof typeof KINDS;

export const QUIET_USUAL = 240;

/** Kinds that no question narrows. */
export const takesQuestion = (kind: Kind) => kind !== 'queue_growth' && kind !== 'silent_host';

/** Customers do not know of hosts. */
export const kindsOf = (isCustomers: boolean): Kind[] =>
  (Object.keys(KINDS) as Kind[]).filter((it) => !isCustomers || it !== 'silent_host');

export interface Evidence {
  kind: Kind;
  at: string;
  window_seconds: number;
  subjects: { name: string; count: number; beside: string }[];
  subjects_more: number;
  question: string;
  samples: { at: string; host: string; sentence: string; reply: string | null }[];
}

/** What was found, where something was. */
export function evidenceOf(told: unknown): Evidence | undefined {
  const it = told as Evidence | null | undefined;
  return it && Array.isArray(it.subjects) && it.kind in KINDS ? it : undefined;
}

/** The moments between which it was looked, in milliseconds. */
export function lookedAt({ at, window_seconds }: Evidence): [number, number] {
  const until = Date.parse(at);
  return [until - window_seconds * 1000, until];
}

/** An alert as it is sent to be changed. */
export function detailsOf(it: Schema['Alert']): Schema['AlertDetails'] {
  const { name, kind, q, by, threshold, percent, window_minutes, quiet_minutes } = it;
  const { receivers, is_disabled } = it;
  const numbers = { threshold, percent, window_minutes, quiet_minutes };
  return { name, kind, q, by: by ?? null, ...numbers, receivers, is_disabled };
}
