// What happened to a message, as `GET /trace` tells it. Times are RFC 3339 in UTC; what no line told
// is absent; the null sender is ''.

export interface Peer {
  name?: string;
  address?: string;
  port?: number;
}

export type Outcome =
  | 'delivered'
  | 'relayed'
  | 'handed_over'
  | 'expanded'
  | 'deferred'
  | 'held'
  | 'quarantined'
  | 'bounced'
  | 'expired'
  | 'discarded'
  | 'rejected'
  | 'deleted'
  | 'aborted'
  | 'deliverable'
  | 'undeliverable'
  | 'unknown';

/** One try for one recipient. */
export interface Attempt {
  item: string;
  at: string;
  kind: string;
  agent: string;
  rcpt_to: string;
  relay?: Peer;
  delay_ms: number;
  /** Before the queue, in the queue, connecting, transmitting. */
  stages_ms?: number[];
  enhanced_status?: string;
  code?: number;
  text: string;
  remote_reply: boolean;
  tls?: string;
  next_queue_id?: string;
  /** The queue item of ours that it went on as. */
  next?: string;
}

/** One thing that the mail store, or its user, did with the message. */
export interface MailboxEntry {
  at: string;
  host?: string;
  kind: string;
  protocol: string;
  user: string;
  client?: Peer;
  session?: string;
  mailbox?: string;
  target?: string;
  text?: string;
}

export interface Recipient {
  rcpt_to: string;
  orig_rcpt_to?: string;
  outcome: Outcome;
  ended?: string;
  item: string;
  queue_id?: string;
  host?: string;
  attempts?: Attempt[];
  mailbox?: MailboxEntry[];
  afterwards?: MailboxEntry[];
}

export interface Verdict {
  at: string;
  program: string;
  passed: boolean;
  category: string;
  found?: string;
  actions?: string;
  quarantine?: string;
  score?: number;
  took_ms?: number;
  tests?: string;
}

export interface Check {
  at: string;
  program: string;
  method: string;
  result: string;
  signed: boolean;
  domain?: string;
}

export interface Decision {
  at: string;
  program: string;
  kind: string;
  action: string;
  source: string;
  stage: string;
  rcpt_to?: string;
  code?: number;
  enhanced_status?: string;
  text: string;
}

/** The stay in one queue. */
export interface Hop {
  item: string;
  host?: string;
  instance?: string;
  queue_id: string;
  opened: string;
  closed?: string;
  state: string;
  came_by?: { kind: string; from: string; confidence: number };
  incomplete_head: boolean;
  broken_off?: string;
  client?: Peer;
  verdicts?: Verdict[];
  checks?: Check[];
  decisions?: Decision[];
  events?: { at: string; kind: string }[];
}

/** A bounce, or word of a delay. */
export interface Notification {
  kind: 'non_delivery' | 'delay' | 'delivery_status';
  to_postmaster: boolean;
  at: string;
  queue_id?: string;
  /** Why none was made. */
  reason?: string;
  fate?: { rcpt_to?: string; outcome: Outcome };
}

export interface Related {
  kind: string;
  item: string;
  host?: string;
  queue_id: string;
}

export interface Journey {
  message_id?: string;
  mail_from?: string;
  header_from?: string;
  subject?: string;
  size?: number;
  arrived: string;
  client?: Peer;
  helo?: string;
  tls?: string;
  sasl_username?: string;
  local_user?: string;
  handed_in?: { at: string; host?: string; program: string; user?: string; client?: Peer };
  outcome: Outcome | 'mixed';
  open: boolean;
  incomplete_head: boolean;
  probe: boolean;
  recipients?: Recipient[];
  unnamed?: { count: number; outcome: Outcome }[];
  hops?: Hop[];
  notifications?: Notification[];
  caused?: Related[];
  cause?: Related;
}

/** A message, or a session, that was refused before it had a queue id. */
export interface Refusal {
  at: string;
  host?: string;
  kind: string;
  action: string;
  source: string;
  stage: string;
  client?: Peer;
  helo?: string;
  mail_from?: string;
  rcpt_to?: string;
  sasl_username?: string;
  code?: number;
  enhanced_status?: string;
  text: string;
  repeated: number;
}

/** Whether an address is of a network of one's own. */
export function isPrivate(address = ''): boolean {
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|fe80:|f[cd]|::1$)/i.test(address);
}

export type Tone = 'good' | 'wait' | 'bad' | 'info';

/** How an end is to be taken: its colour, and with it a sign. */
export function tone(outcome: Outcome | 'mixed'): Tone {
  switch (outcome) {
    case 'delivered':
    case 'relayed':
    case 'deliverable':
      return 'good';
    case 'deferred':
    case 'held':
    case 'quarantined':
    case 'handed_over':
    case 'expanded':
      return 'wait';
    case 'bounced':
    case 'expired':
    case 'rejected':
    case 'discarded':
    case 'deleted':
    case 'aborted':
    case 'undeliverable':
      return 'bad';
    case 'mixed':
    case 'unknown':
      return 'info';
  }
}

/** The worst first: what people ask about. */
const ORDER: Outcome[] = [
  'bounced',
  'rejected',
  'expired',
  'discarded',
  'deleted',
  'aborted',
  'undeliverable',
  'quarantined',
  'held',
  'deferred',
  'unknown',
  'handed_over',
  'expanded',
  'delivered',
  'relayed',
  'deliverable',
];

export function worstFirst(recipients: Recipient[]): Recipient[] {
  const rank = (it: Recipient) => ORDER.indexOf(it.outcome);
  return [...recipients].sort((a, b) => rank(a) - rank(b));
}

/** What names a journey among others of the same answer. */
export function keyOf(journey: Journey): string {
  return journey.hops?.[0]?.item ?? journey.message_id ?? journey.arrived;
}

/** When the last thing happened that is told. */
export function lastOf(journey: Journey): string {
  const hops = (journey.hops ?? []).flatMap((it) => [it.opened, it.closed ?? it.opened]);
  const rest = (journey.recipients ?? []).flatMap((it) => [
    ...(it.attempts ?? []).map((attempt) => attempt.at),
    ...[...(it.mailbox ?? []), ...(it.afterwards ?? [])].map((entry) => entry.at),
  ]);
  return [journey.arrived, ...hops, ...rest].reduce((a, b) => (when(a) < when(b) ? b : a));
}

/** Milliseconds since 1970, with their fraction. */
export function when(at: string): number {
  const fraction = /\.(\d{3})(\d+)/.exec(at);
  return Date.parse(at) + (fraction ? Number(`0.${fraction[2]}`) : 0);
}
