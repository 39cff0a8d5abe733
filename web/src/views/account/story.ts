// Rows of an account as a story: what belongs together is told once, the newest first.

import type { Row } from '../../api/client';
import { when } from '../message/journey';

/** When it was, the newest of it and the oldest. */
interface Span {
  key: string;
  at: string;
  since: string;
}

interface Logins extends Span {
  type: 'login' | 'failed';
  address: string;
  programs: string[];
  count: number;
}

export interface Message {
  type: 'sent' | 'received';
  key: string;
  at: string;
  /** Message-ID or queue id. */
  what: string;
  /** Sender, or recipients. */
  peers: string[];
  subject: string;
  /** Where it was sent from. */
  address: string;
  /** What tells most of what became of it. */
  row: Row;
}

/** Many messages sent one after the other. */
interface Sending extends Span {
  type: 'sending';
  address: string;
  of: Message[];
}

interface Refused extends Span {
  type: 'refused';
  count: number;
  row: Row;
}

/** What a user did in the mailbox. */
interface Doings extends Span {
  type: 'mailbox';
  address: string;
  programs: string[];
  rows: Row[];
}

export type Entry = Logins | Message | Sending | Refused | Doings;

/** What happens again within this time from the same address is told as one, in milliseconds. */
const TOGETHER_MS = 3_600_000;
/** So many messages sent one after the other are told as one. */
const SENDING_MIN = 5;

/** `isWhole`: each message that was sent is told. */
export function entries(rows: Row[], account: string, isWhole = false): Entry[] {
  const newest = rows.toSorted((a, b) => when(b.at) - when(a.at));
  const made: Entry[] = [];
  const messages = new Map<string, Row[]>();
  const failures = new Set<string>();
  for (const row of newest) {
    if (/^auth\./.test(row.kind)) {
      // Dovecot tells a failure twice: where the password is checked, and where the session ends.
      const isTold = row.kind === 'auth.failed' && row.session_id && failures.has(row.session_id);
      if (row.kind === 'auth.failed' && row.session_id) failures.add(row.session_id);
      if (!isTold) login(made, row);
    } else if (
      /^(mailbox\.(deleted|expunged|moved|copied|flagged|fetched)|folder\.)/.test(row.kind)
    )
      mailbox(made, row);
    else if (row.kind === 'message.rejected' && !row.queue_id) refused(made, row);
    else {
      const id = row.message_id ?? row.queue_id ?? row.id;
      const known = messages.get(id);
      if (known) known.push(row);
      else messages.set(id, [row]);
    }
  }
  const told = [...messages].map(([id, of]) => message(id, of, account));
  made.push(...(isWhole ? told : gathered(told)));
  return made.sort((a, b) => when(b.at) - when(a.at));
}

/** Messages, with those sent one after the other from the same address together. */
function gathered(messages: Message[]): (Message | Sending)[] {
  const sent = messages.filter((it) => it.type === 'sent').sort((a, b) => when(b.at) - when(a.at));
  const runs: Message[][] = [];
  for (const it of sent) {
    const last = runs.at(-1)?.at(-1);
    const isNear = last && last.address === it.address && when(last.at) - when(it.at) < TOGETHER_MS;
    if (isNear) runs.at(-1)!.push(it);
    else runs.push([it]);
  }
  const long = runs.filter((it) => it.length >= SENDING_MIN && it[0]!.address !== '');
  const apart = new Set(long.flat());
  const sendings = long.map((of): Sending => {
    const [first, last] = [of[0]!, of.at(-1)!];
    const { key, at, address } = first;
    return { type: 'sending', key, at, since: last.at, address, of };
  });
  return [...sendings, ...messages.filter((it) => !apart.has(it))];
}

/** The last entry of that type from that address, where it is near enough. */
function near<T extends Entry['type']>(
  made: Entry[],
  type: T,
  row: Row,
): Extract<Entry, { type: T }> | undefined {
  const last = made.findLast((it) => it.type === type) as Extract<Entry, { type: T }> | undefined;
  if (!last || !('since' in last) || when(last.since) - when(row.at) > TOGETHER_MS)
    return undefined;
  if ('address' in last && last.address !== (row.client_address ?? '')) return undefined;
  return last;
}

function programs(row: Row): string[] {
  return [row.protocol, row.user_agent].flatMap((it) => it?.toUpperCase() || []);
}

function login(made: Entry[], row: Row) {
  const type = row.kind === 'auth.succeeded' ? 'login' : 'failed';
  const last = near(made, type, row);
  if (last) {
    last.since = row.at;
    last.count += 1;
    last.programs = [...new Set([...last.programs, ...programs(row)])];
    return;
  }
  const address = row.client_address ?? '';
  made.push({
    type,
    key: row.id,
    at: row.at,
    since: row.at,
    address,
    count: 1,
    programs: programs(row),
  });
}

function mailbox(made: Entry[], row: Row) {
  const last = near(made, 'mailbox', row);
  if (last) {
    last.since = row.at;
    last.rows.push(row);
    return;
  }
  const address = row.client_address ?? '';
  made.push({
    type: 'mailbox',
    key: row.id,
    at: row.at,
    since: row.at,
    address,
    programs: programs(row),
    rows: [row],
  });
}

function refused(made: Entry[], row: Row) {
  const last = made.findLast((it) => it.type === 'refused');
  const isSame =
    last && last.row.text === row.text && when(last.since) - when(row.at) < TOGETHER_MS;
  if (isSame) {
    last.since = row.at;
    last.count += 1;
    return;
  }
  made.push({ type: 'refused', key: row.id, at: row.at, since: row.at, count: 1, row });
}

/** How much a row tells of what became of a message. */
function weight(row: Row): number {
  if (
    /^delivery\.(bounced|expired)|^sieve\.(discarded|rejected)|^message\.(held|discarded|rejected)/.test(
      row.kind,
    )
  )
    return 4;
  if (/^delivery\.(deferred)/.test(row.kind)) return 1;
  if (/^delivery\.(delivered|relayed)|^mailbox\.saved/.test(row.kind)) return 3;
  return 0;
}

function message(what: string, rows: Row[], account: string): Message {
  const first = rows.at(-1)!;
  const said = <K extends keyof Row>(name: K) =>
    rows.find((row) => row[name] != null && row[name] !== '')?.[name];
  const isSent =
    rows.some((row) => row.user && /^(message|delivery)\./.test(row.kind)) ||
    isSame(said('mail_from'), account);
  // What was put off and then went is told as gone.
  const ends = rows.toSorted((a, b) => weight(b) - weight(a) || when(b.at) - when(a.at));
  const recipients = [
    ...new Set(rows.flatMap((row) => (isSent && row.rcpt_to ? row.rcpt_to.split(',') : []))),
  ];
  const sender = said('mail_from') ?? first.mail_from;
  return {
    type: isSent ? 'sent' : 'received',
    key: what,
    at: first.at,
    what,
    peers: isSent ? recipients : sender === undefined ? [] : [sender],
    subject: said('subject') ?? '',
    address: said('client_address') ?? '',
    row: ends[0]!,
  };
}

function isSame(a: string | undefined, b: string): boolean {
  return !!a && a.toLowerCase() === b.toLowerCase();
}

/** How often each thing was done in a mailbox. */
export function doings(rows: Row[]): [string, number][] {
  const messages = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = `${row.session_id} ${row.message_id ?? row.id}`;
    messages.set(key, (messages.get(key) ?? new Set()).add(row.kind));
  }
  const counts = new Map<string, number>();
  for (const kinds of messages.values())
    for (const kind of whole(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts];
}

/** What one session did with one message: copied and removed is moved, marked and removed is removed. */
function whole(kinds: Set<string>): string[] {
  const isGone = kinds.has('mailbox.expunged');
  if (isGone && kinds.has('mailbox.copied')) return ['mailbox.moved'];
  return [...kinds].filter((kind) => !(isGone && kind === 'mailbox.deleted'));
}
