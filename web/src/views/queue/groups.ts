// What waits, put together by what it has in common.

import type { Schema } from '../../api/client';
import { reasonOf } from '../message/reason';

export type Queued = Schema['Queued'];

export const BY = ['destination', 'reason', 'age', 'domain', 'sender', 'host'] as const;
export type By = (typeof BY)[number];

export interface Group {
  /** What all have in common. */
  name: string;
  items: Queued[];
  messages: number;
  bytes: number;
  /** When the oldest came. */
  oldest: string;
  /** The earliest of these that are told. */
  next: string | undefined;
  expires: string | undefined;
}

/** Hours; the last group has no bound. */
export const AGES = [1, 4, 12, 24, 48, 96];

/** The groups at a moment, the largest first; those by age the youngest first. */
export function groups(queued: Queued[], by: By, at: number): Group[] {
  const all = new Map<string, Queued[]>();
  for (const it of queued) {
    const of = name(it, by, at);
    all.set(of, [...(all.get(of) ?? []), it]);
  }
  const found = [...all].map(([name, items]) => group(name, items));
  if (by === 'age') return found.sort((a, b) => Number(a.name) - Number(b.name));
  return found.sort((a, b) => b.items.length - a.items.length || a.name.localeCompare(b.name));
}

function group(name: string, items: Queued[]): Group {
  const earliest = (times: (string | null | undefined)[]) =>
    times.filter((it) => it != null).sort()[0];
  const each = new Map(items.map((it) => [messageKey(it), it.size ?? 0]));
  return {
    ...{ name, items },
    messages: each.size,
    bytes: [...each.values()].reduce((sum, it) => sum + it, 0),
    oldest: earliest(items.map((it) => it.since)) ?? '',
    next: earliest(items.map((it) => it.next_until)),
    expires: earliest(items.map((it) => it.expires)),
  };
}

/** A queue id is one host's. */
export function messageKey(it: Queued): string {
  return `${it.host ?? ''} ${it.queue_id}`;
}

/** The domain of an address; that of the first of several. */
export function domainOf(address: string | null | undefined): string {
  const first = (address ?? '').split(/[\s,]+/)[0] ?? '';
  return first
    .slice(first.lastIndexOf('@') + 1)
    .replace(/>$/, '')
    .toLowerCase();
}

/** Whether something that waits is of these domains or accounts. */
export function ofCustomer(domains: string[], accounts: string[]): (it: Queued) => boolean {
  const [ofDomain, ofAccount] = [new Set(domains), new Set(accounts)];
  return ({ account }) =>
    ofDomain.has(domainOf(account)) || ofAccount.has((account ?? '').toLowerCase());
}

/** Of what is not told. */
export const NOT_TOLD = '?';

function name(it: Queued, by: By, at: number): string {
  switch (by) {
    case 'destination':
      return domainOf(it.rcpt_to) || NOT_TOLD;
    case 'domain':
      return domainOf(it.account) || NOT_TOLD;
    case 'sender':
      return it.mail_from === '' ? '<>' : (it.mail_from?.toLowerCase() ?? NOT_TOLD);
    case 'reason':
      return reason(it);
    case 'host':
      return it.host || NOT_TOLD;
    case 'age': {
      const hours = (at - Date.parse(it.since)) / 3_600_000;
      return String(AGES.find((bound) => hours < bound) ?? Infinity);
    }
  }
}

/** One of few reasons, the reply where it is none of them, the state of what was not tried. */
function reason(it: Queued): string {
  if (!it.reply) return it.state;
  const known = reasonOf({ text: it.reply });
  return known === 'unknown' ? template(it.reply) : known;
}

/** A reply without what is of one message alone, so that the same is the same. */
export function template(reply: string): string {
  return reply
    .replace(/<[^<>\s]*@[^<>\s]*>/g, '<…>')
    .replace(/[^\s<>()[\],;:"]+@[\w.-]+\w/g, '…')
    .replace(/\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?/g, '…')
    .replace(/\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{8,}\b/g, '…')
    .replace(/\b\d+ (seconds?|minutes?|hours?)\b/g, '… $1')
    .slice(0, 200);
}
