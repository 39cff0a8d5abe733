// Journeys of those who see rows only: what can be told of them from rows alone, in the same shape.

import type { Row } from '../../api/client';
import { when } from './journey';
import type {
  Attempt,
  Hop,
  Journey,
  MailboxEntry,
  Outcome,
  Peer,
  Recipient,
  Refusal,
} from './journey';

/** The messages that rows tell of, the earliest first. */
export function journeysOf(rows: Row[]): Journey[] {
  const groups = together(rows.filter((row) => row.queue_id || row.message_id));
  const journeys = groups.map(journey);
  for (const it of journeys) link(it, journeys);
  return journeys;
}

/** What was refused without becoming a message. */
export function refusalsOf(rows: Row[]): Refusal[] {
  const refused = rows.filter((row) => !row.queue_id && /\.rejected$/.test(row.kind));
  return refused.map((row) => ({
    ...row,
    action: row.action ?? '',
    source: row.source ?? '',
    stage: row.stage ?? '',
    text: textOf(row),
    repeated: row.repeated ?? 1,
    client: peer(row.client_name, row.client_address, row.client_port),
  }));
}

/** The text of a row with the id that was taken out of it. */
export function textOf(row: Row): string {
  return (row.text ?? '').replace('{next_queue_id}', row.next_queue_id ?? '');
}

/** Rows that name each other's queue ids or Message-ID. */
function together(rows: Row[]): Row[][] {
  const groups: { ids: Set<string>; rows: Row[] }[] = [];
  for (const row of rows) {
    const ids = [
      row.queue_id,
      row.message_id,
      row.kind.startsWith('dsn.') ? '' : row.next_queue_id,
    ];
    const named = ids.filter((id): id is string => !!id);
    const joined = groups.filter((group) => named.some((id) => group.ids.has(id)));
    const into = joined[0] ?? { ids: new Set(), rows: [] };
    if (!joined.length) groups.push(into);
    for (const other of joined.slice(1)) {
      other.ids.forEach((id) => into.ids.add(id));
      into.rows.push(...other.rows);
      groups.splice(groups.indexOf(other), 1);
    }
    named.forEach((id) => into.ids.add(id));
    into.rows.push(row);
  }
  return groups.map((group) => group.rows.toSorted((a, b) => when(a.at) - when(b.at)));
}

function journey(rows: Row[]): Journey {
  const first = <K extends keyof Row>(name: K) => rows.find((row) => row[name] != null)?.[name];
  const came = rows.find((row) => /^message\.(accepted|submitted|rejected)/.test(row.kind));
  const hops = hopsOf(rows);
  const recipients = recipientsOf(rows, hops);
  const outcomes = new Set(recipients.map((it) => it.outcome));
  return {
    message_id: first('message_id'),
    mail_from: first('mail_from'),
    header_from: first('header_from'),
    subject: first('subject'),
    size: came?.size ?? first('size'),
    arrived: rows[0]!.at,
    client: came && peer(came.client_name, came.client_address, came.client_port),
    helo: came?.helo,
    tls: came?.tls,
    sasl_username: came?.auth_method ? came.user : undefined,
    outcome: outcomes.size > 1 ? 'mixed' : ([...outcomes][0] ?? 'unknown'),
    open: hops.some((it) => !it.closed) && ![...outcomes].every(isEnd),
    incomplete_head: !came,
    probe: false,
    recipients,
    hops,
    notifications: rows
      .filter((row) => row.kind === 'dsn.sent')
      .map((row) => ({
        kind:
          row.result === 'delay' || row.result === 'delivery_status' ? row.result : 'non_delivery',
        to_postmaster: false,
        at: row.at,
        queue_id: row.next_queue_id,
      })),
  };
}

function isEnd(outcome: Outcome): boolean {
  return !['deferred', 'held', 'handed_over', 'unknown'].includes(outcome);
}

const ENDS = [
  'message.closed',
  'message.deleted',
  'message.expired',
  'message.discarded',
  'message.aborted',
];

function hopsOf(rows: Row[]): Hop[] {
  const ids = [...new Set(rows.flatMap((row) => row.queue_id ?? []))];
  return ids.map((id) => {
    const own = rows.filter((row) => row.queue_id === id);
    const closed = own.findLast((row) => ENDS.includes(row.kind));
    const before = rows.find((row) => row.next_queue_id === id && !row.kind.startsWith('dsn.'));
    const state = closed ? closed.kind.replace('message.', '') : 'queued';
    return {
      item: id,
      host: own[0]!.host,
      queue_id: id,
      opened: own[0]!.at,
      closed: closed?.at,
      state,
      came_by: before?.queue_id
        ? {
            kind: before.kind === 'filter.verdict' ? 'filter' : 'relay',
            from: before.queue_id,
            confidence: 0,
          }
        : undefined,
      incomplete_head: false,
      verdicts: own
        .filter((row) => row.kind === 'filter.verdict')
        .map((row) => ({
          at: row.at,
          program: row.program ?? '',
          passed: row.passed !== false,
          category: row.verdict ?? '',
          found: row.found,
          score: row.score === undefined ? undefined : Math.round(row.score * 100) / 100,
          took_ms: row.took_ms,
        })),
      decisions: own.filter((row) => row.action && row.kind !== 'filter.verdict').map(decision),
    };
  });
}

function decision(row: Row) {
  return {
    at: row.at,
    program: row.program ?? '',
    kind: row.kind,
    action: row.action ?? '',
    source: row.source ?? '',
    stage: row.stage ?? '',
    rcpt_to: row.rcpt_to,
    code: row.code,
    enhanced_status: row.enhanced_status,
    text: textOf(row),
  };
}

const OF_MESSAGE: Record<string, Outcome> = {
  'message.rejected': 'rejected',
  'message.held': 'held',
  'message.discarded': 'discarded',
  'message.aborted': 'aborted',
  'message.deleted': 'deleted',
};

function recipientsOf(rows: Row[], hops: Hop[]): Recipient[] {
  const ours = new Set(hops.map((it) => it.queue_id));
  const found = new Map<string, Recipient>();
  const of = (address: string, row: Row): Recipient => {
    const key = address.toLowerCase();
    const known = found.get(key);
    if (known) return known;
    const made: Recipient = {
      rcpt_to: address,
      orig_rcpt_to: row.orig_rcpt_to,
      outcome: 'unknown',
      item: row.queue_id ?? '',
      attempts: [],
      mailbox: [],
      afterwards: [],
    };
    found.set(key, made);
    return made;
  };
  for (const row of rows) {
    for (const address of addresses(row)) {
      if (row.kind.startsWith('delivery.')) attempted(of(address, row), row, ours);
      else if (OF_MESSAGE[row.kind]) of(address, row).outcome = OF_MESSAGE[row.kind]!;
    }
  }
  for (const row of rows) if (/^(mailbox|sieve|autoreply)\./.test(row.kind)) keep(row, found, of);
  return [...found.values()];
}

function addresses(row: Row): string[] {
  const written = (row.rcpt_to ?? '').split(',').map((it) => it.trim().replace(/^<|>$/g, ''));
  return written.filter((it) => it !== '');
}

function attempted(recipient: Recipient, row: Row, ours: Set<string>) {
  const next = row.next_queue_id && ours.has(row.next_queue_id) ? row.next_queue_id : undefined;
  const outcome = row.kind.replace('delivery.', '') as Outcome;
  recipient.attempts!.push(attempt(row, next));
  recipient.queue_id = row.queue_id;
  recipient.item = row.queue_id ?? '';
  if (next) recipient.outcome = 'handed_over';
  else if (isEnd(outcome) || recipient.outcome === 'unknown' || recipient.outcome === 'deferred') {
    recipient.outcome = outcome;
    recipient.ended = isEnd(outcome) ? row.at : undefined;
  }
}

function attempt(row: Row, next: string | undefined): Attempt {
  const stages = [
    row.delay_before_queue_ms,
    row.delay_queue_ms,
    row.delay_connect_ms,
    row.delay_transmit_ms,
  ];
  return {
    item: row.queue_id ?? '',
    at: row.at,
    kind: row.kind,
    agent: row.agent ?? '',
    rcpt_to: row.rcpt_to ?? '',
    relay: peer(row.relay_name, row.relay_address, row.relay_port),
    delay_ms: row.delay_ms ?? 0,
    stages_ms: stages.every((it) => it !== undefined) ? (stages as number[]) : undefined,
    enhanced_status: row.enhanced_status,
    code: row.code,
    text: textOf(row),
    remote_reply: row.remote_reply ?? false,
    tls: row.tls,
    next_queue_id: row.next_queue_id,
    next,
  };
}

/** Notes what the mail store or its user did, at the recipient whose mailbox it is. */
function keep(
  row: Row,
  found: Map<string, Recipient>,
  of: (address: string, row: Row) => Recipient,
) {
  const user = (row.user ?? row.account ?? '').toLowerCase();
  const local = (address: string) => address.split('@')[0]!.toLowerCase();
  const recipient =
    found.get(user) ??
    [...found.values()].find((it) => local(it.rcpt_to) === user) ??
    (found.size === 1 ? [...found.values()][0]! : of(row.account ?? user, row));
  const entry: MailboxEntry = {
    at: row.at,
    host: row.host,
    kind: row.kind,
    protocol: row.protocol ?? '',
    user: row.user ?? '',
    client: peer(undefined, row.client_address, undefined),
    session: row.session_id,
    mailbox: row.mailbox,
    target: row.target,
    text: row.text,
  };
  const isDelivery = /^(lmtp|lda|)$/.test(entry.protocol);
  (isDelivery ? recipient.mailbox! : recipient.afterwards!).push(entry);
  if (row.kind === 'sieve.discarded') recipient.outcome = 'discarded';
  else if (row.kind === 'mailbox.saved' && recipient.outcome === 'unknown')
    recipient.outcome = 'delivered';
}

function peer(name?: string, address?: string, port?: number): Peer | undefined {
  return name || address ? { name, address, port } : undefined;
}

/** Notes which of the other messages are notifications about this one. */
function link(it: Journey, all: Journey[]) {
  for (const notice of it.notifications ?? []) {
    const other = all.find((that) => that.hops?.some((hop) => hop.queue_id === notice.queue_id));
    if (!other) continue;
    const recipient = other.recipients?.[0];
    notice.fate = recipient && { rcpt_to: recipient.rcpt_to, outcome: recipient.outcome };
    const hop = it.hops?.[0];
    if (hop) other.cause = { kind: 'dsn', item: hop.item, host: hop.host, queue_id: hop.queue_id };
  }
}
