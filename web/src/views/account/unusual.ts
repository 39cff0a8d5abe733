// What is unusual about how an account was used: measures over its sums and rows, each with its reason.
// None of them knows who somebody is; they say what is new, much, or odd, and since when.

import type { Row, Schema } from '../../api/client';
import { isPrivate, when } from '../message/journey';

export type Used = Schema['Used'];

export interface Bars {
  every: number;
  bars: { at: string; rows: number }[];
}

export type Finding =
  | { type: 'broke_in'; tone: 'bad'; address: string; failures: number; from: string; at: string }
  | {
      type: 'new_network';
      tone: 'bad' | 'wait';
      network: string;
      addresses: string[];
      at: string;
      used: Used;
      since: string;
      networks: number;
    }
  | {
      type: 'new_country';
      tone: 'bad';
      country: string;
      addresses: string[];
      at: string;
      used: Used;
      since: string;
      /** Where it was used before, by their codes. */
      before: string[];
    }
  | {
      type: 'burst_sent' | 'burst_removed';
      tone: 'bad' | 'wait';
      rows: number;
      /** The most in as long a time apart from it. */
      otherwise: number;
      seconds: number;
      at: string;
    }
  | { type: 'guessing'; tone: 'info'; failures: number; addresses: string[] };

/** So many failures before a login are more than a slip of the fingers. */
export const FAILURES_MIN = 5;
/** Failures count towards a login for so long, in milliseconds. */
const FAILURES_MS = 86_400_000;
/** An account must be known for so long before a network can be new to it, in milliseconds. */
const KNOWN_MS = 86_400_000;
/** So many, and so many times what is usual in a bar, are a burst. */
const BURST_MIN = 20;
const BURST_TIMES = 5;
/** So many failures are worth a word though nobody got in. */
const GUESSES_MIN = 10;

/** Of an address the network that one provider is likely to hand out: /24, of IPv6 /48. */
export function networkOf(address: string): string {
  const parts = address.split('.');
  if (parts.length === 4) {
    return `${parts.slice(0, 3).join('.')}.0/24`;
  }
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  const whole = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${whole.slice(0, 3).join(':')}::/48`;
}

/** Whether somebody was let in from there. */
export function gotIn(used: Used): boolean {
  return used.logins > 0 || used.sent > 0 || used.fetched > 0 || used.deleted > 0;
}

/** Where failures and logins both came from: their rows tell in which order. */
export function suspects(used: Used[]): string[] {
  return used.filter((it) => it.failures >= FAILURES_MIN && it.logins > 0).map((it) => it.address);
}

/** Logins after many failures, from rows of logins in any order. */
export function brokeIn(rows: Row[]): Finding[] {
  const found: Finding[] = [];
  const byAddress = new Map<string, Row[]>();
  for (const row of rows.toSorted((a, b) => when(a.at) - when(b.at))) {
    const address = row.client_address ?? '';
    byAddress.set(address, [...(byAddress.get(address) ?? []), row]);
  }
  for (const [address, of] of byAddress) {
    let failures: Row[] = [];
    let sessions = new Set<string>();
    for (const row of of) {
      if (row.kind === 'auth.failed') {
        failures = failures.filter((it) => when(row.at) - when(it.at) < FAILURES_MS);
        if (row.session_id && sessions.has(row.session_id)) continue;
        if (row.session_id) sessions.add(row.session_id);
        failures.push(row);
      } else if (row.kind === 'auth.succeeded') {
        const recent = failures.filter((it) => when(row.at) - when(it.at) < FAILURES_MS);
        if (recent.length >= FAILURES_MIN)
          found.push({
            type: 'broke_in',
            tone: 'bad',
            address,
            failures: recent.length,
            from: recent[0]!.at,
            at: row.at,
          });
        failures = [];
        sessions = new Set();
      }
    }
  }
  return found;
}

/** Networks that were used in a range for the first time ever; `ever` is all that is known of the account. */
export function newNetworks(inRange: Used[], ever: Used[]): Finding[] {
  // One's own networks are new to nobody.
  const known = ever.filter((it) => gotIn(it) && !isPrivate(it.address));
  const since = earliest(known);
  const networks = new Map<string, Used[]>();
  for (const it of known)
    networks.set(networkOf(it.address), [...(networks.get(networkOf(it.address)) ?? []), it]);
  const shown = new Set(inRange.filter(gotIn).map((it) => networkOf(it.address)));
  const found: Finding[] = [];
  for (const network of shown) {
    const of = networks.get(network) ?? [];
    const at = earliest(of);
    const own = inRange.filter((it) => gotIn(it) && networkOf(it.address) === network);
    const isNew = own.some((it) => it.first === at) && when(at) - when(since) >= KNOWN_MS;
    if (!isNew) continue;
    const before = [...networks.values()].filter((other) => when(earliest(other)) < when(at));
    const used = sum(own);
    const isMuch =
      used.sent >= BURST_MIN || used.deleted >= BURST_MIN || used.failures >= FAILURES_MIN;
    found.push({
      type: 'new_network',
      tone: isMuch ? 'bad' : 'wait',
      network,
      addresses: own.map((it) => it.address),
      at,
      used,
      since,
      networks: before.length,
    });
  }
  return found;
}

/** Countries from which the account was used in a range for the first time ever, long after it was known. */
export function newCountries(inRange: Used[], ever: Used[]): (Finding & { type: 'new_country' })[] {
  const known = ever.filter((it) => gotIn(it) && it.country);
  const since = earliest(known);
  const of = (country: string, all: Used[]) => all.filter((it) => it.country === country);
  const shown = new Set(inRange.filter(gotIn).flatMap((it) => it.country ?? []));
  return [...shown].flatMap((country) => {
    const at = earliest(of(country, known));
    const own = of(country, inRange).filter(gotIn);
    const isNew = own.some((it) => it.first === at) && when(at) - when(since) >= KNOWN_MS;
    if (!isNew) return [];
    const earlier = known
      .filter((it) => when(it.first) < when(at))
      .flatMap((it) => it.country ?? []);
    const before = [...new Set(earlier)].sort();
    const addresses = own.map((it) => it.address);
    const used = sum(own);
    return [{ type: 'new_country', tone: 'bad', country, addresses, at, used, since, before }];
  });
}

/** The first use of several addresses; '' where there is none. */
function earliest(all: Used[]): string {
  return all.map((it) => it.first).sort((a, b) => when(a) - when(b))[0] ?? '';
}

/** All that was done from several addresses. */
export function sum(all: Used[]): Used {
  const add = (name: 'logins' | 'failures' | 'sent' | 'fetched' | 'deleted') =>
    all.reduce((sum, it) => sum + it[name], 0);
  const times = all.flatMap((it) => [it.first, it.last]).toSorted((a, b) => when(a) - when(b));
  return {
    address: all.map((it) => it.address).join(', '),
    first: times[0] ?? '',
    last: times.at(-1) ?? '',
    logins: add('logins'),
    failures: add('failures'),
    sent: add('sent'),
    fetched: add('fetched'),
    deleted: add('deleted'),
    programs: [...new Set(all.flatMap((it) => it.programs))],
  };
}

/** Where far more happened in two bars that touch than is usual in one. */
export function burst(type: 'burst_sent' | 'burst_removed', { every, bars }: Bars): Finding[] {
  const windows = bars.map((bar, at) => {
    const next = bars[at + 1];
    const touches = next && when(next.at) - when(bar.at) <= every * 1_000;
    return { from: at, until: at + (touches ? 2 : 1), rows: bar.rows + (touches ? next.rows : 0) };
  });
  const [most, ...rest] = windows.toSorted((a, b) => b.rows - a.rows);
  if (!most) return [];
  const others = bars.filter((_, at) => at < most.from || at >= most.until).map((it) => it.rows);
  const usual = others.sort((a, b) => a - b)[Math.floor(others.length / 2)] ?? 0;
  if (most.rows < Math.max(BURST_MIN, BURST_TIMES * usual)) return [];
  const apart = rest.filter((it) => it.until <= most.from || it.from >= most.until);
  const at = bars[most.from]!.at;
  const seconds = every * (most.until - most.from);
  const tone = type === 'burst_sent' ? 'bad' : 'wait';
  return [{ type, tone, rows: most.rows, otherwise: apart[0]?.rows ?? 0, seconds, at }];
}

/** Failures from where nobody ever got in. */
export function guessing(used: Used[]): Finding[] {
  const tried = used.filter((it) => !gotIn(it) && it.failures > 0);
  const failures = tried.reduce((sum, it) => sum + it.failures, 0);
  if (failures < GUESSES_MIN) return [];
  return [{ type: 'guessing', tone: 'info', failures, addresses: tried.map((it) => it.address) }];
}
