// The tables of a report: of each row what it is about, and how its rows are searched. What is counted, and how, the
// daemon knows: crates/schedules/src/figures.rs.

/** How a figure is read. */
export type Form = 'count' | 'bytes' | 'length';

/** A figure of each row. */
export interface Column {
  id: string;
  form: Form;
  /** Of which kinds of the table's; of all where it is absent. */
  kinds?: readonly string[];
}

/** What rows are grouped by. */
export interface Key {
  id: string;
  /** The condition of a question for a value; `null` where rows have none. */
  condition(value: string | null): string;
}

export interface Table {
  id: string;
  kinds: readonly string[];
  keys: readonly Key[];
  columns: readonly Column[];
  /** Whether rows tell one of their replies. */
  hasSample?: boolean;
  /** Whether shares of the first column are told, within rows that have the first key in common. */
  hasShare?: boolean;
}

export const ACCEPTED = ['message.accepted'];
export const SENT = ['delivery.delivered', 'delivery.relayed'];
export const DEFERRED = ['delivery.deferred'];
export const BOUNCED = ['delivery.bounced', 'delivery.expired'];
export const REJECTED = ['message.rejected', 'session.rejected'];
const LOGIN = ['auth.succeeded'];
const LOGIN_FAILED = ['auth.failed'];

/** Rows of traffic over time, the first in number first. */
export const TRAFFIC = {
  accepted: ACCEPTED,
  sent: SENT,
  deferred: DEFERRED,
  bounced: BOUNCED,
  rejected: REJECTED,
} as const;

/** A value as a question has it. */
export function quoted(value: string): string {
  return /^[\w.@-]+$/.test(value) ? value : `"${value.replace(/["*\\]/g, '\\$&')}"`;
}

export function ofKinds(kinds: readonly string[]): string {
  return `kind:${kinds.join(',')}`;
}

/** Rows by a column that a field of questions asks for. */
function key(id: string, field = id): Key {
  const condition = (value: string | null) => {
    if (value === null) return `-${field}:*`;
    return `${field}:${value === '' ? '<>' : quoted(value)}`;
  };
  return { id, condition };
}

const count = (id: string, kinds?: readonly string[]): Column => ({
  ...{ id, form: 'count' },
  ...(kinds && { kinds }),
});
const BYTES: Column = { id: 'bytes', form: 'bytes' };
const delay = (id: string): Column => ({ id, form: 'length', kinds: ['delivery.relayed'] });

const STATUS = key('enhanced_status', 'enhanced');
const CODE = key('code');
const KIND = key('kind');
/** `TLSv1.3 TLS_AES_256...` of Postfix, `TLS1.3:TLS_AES...` of Exim */
const TLS: Key = {
  id: 'tls',
  condition: (value) =>
    value === null ? '-tls:*' : `tls:${value}*,${value.replace('TLS', 'TLSv')}*`,
};
const SENDER = key('sender', 'from');
const RECIPIENT = key('recipient', 'to');
const DOMAIN = key('destination', 'to');
const CLIENT = key('client');

const TABLES: readonly Table[] = [
  {
    id: 'domains',
    kinds: [...SENT, ...DEFERRED, ...BOUNCED, ...REJECTED, ...LOGIN_FAILED],
    keys: [key('domain', 'account')],
    columns: [
      count('delivered', ['delivery.delivered']),
      count('relayed', ['delivery.relayed']),
      count('deferred', DEFERRED),
      count('bounced', BOUNCED),
      count('rejected', REJECTED),
      count('logins_failed', LOGIN_FAILED),
    ],
  },
  {
    id: 'destinations',
    kinds: ['delivery.relayed', ...DEFERRED, ...BOUNCED],
    keys: [DOMAIN],
    columns: [
      count('relayed', ['delivery.relayed']),
      count('deferred', DEFERRED),
      count('bounced', BOUNCED),
      delay('median'),
      delay('p95'),
    ],
  },
  {
    id: 'slowest',
    kinds: ['delivery.relayed'],
    keys: [DOMAIN],
    columns: [delay('p95'), delay('median'), count('relayed')],
  },
  {
    id: 'rejections',
    kinds: REJECTED,
    keys: [CODE, STATUS, key('dns_list')],
    columns: [count('count')],
    hasSample: true,
  },
  {
    id: 'bounces',
    kinds: BOUNCED,
    keys: [KIND, CODE, STATUS],
    columns: [count('count')],
    hasSample: true,
  },
  {
    id: 'deferrals',
    kinds: DEFERRED,
    keys: [CODE, STATUS],
    columns: [count('count')],
    hasSample: true,
  },
  {
    id: 'verdicts',
    kinds: ['filter.verdict'],
    keys: [key('verdict')],
    columns: [count('count')],
    hasShare: true,
  },
  {
    id: 'checks',
    kinds: ['filter.auth_result'],
    keys: [key('check'), key('result')],
    columns: [count('count')],
    hasShare: true,
  },
  {
    id: 'tls',
    kinds: [...ACCEPTED, 'delivery.relayed'],
    keys: [KIND, TLS],
    columns: [count('count')],
    hasShare: true,
  },
  { id: 'senders', kinds: ACCEPTED, keys: [SENDER], columns: [count('count'), BYTES] },
  { id: 'recipients', kinds: SENT, keys: [RECIPIENT], columns: [count('count'), BYTES] },
  { id: 'clients', kinds: ACCEPTED, keys: [CLIENT], columns: [count('count'), BYTES] },
  {
    id: 'relays',
    kinds: ['delivery.relayed'],
    keys: [key('relay')],
    columns: [count('count'), BYTES],
  },
  {
    id: 'logins',
    kinds: [...LOGIN, ...LOGIN_FAILED, 'auth.aborted'],
    keys: [key('program'), key('protocol')],
    columns: [
      count('login', LOGIN),
      count('login_failed', LOGIN_FAILED),
      count('login_aborted', ['auth.aborted']),
    ],
  },
  {
    id: 'guessed',
    kinds: [...LOGIN_FAILED, ...LOGIN],
    keys: [key('user')],
    columns: [count('login_failed', LOGIN_FAILED), count('login', LOGIN)],
  },
  {
    id: 'guessers',
    kinds: [...LOGIN_FAILED, ...LOGIN],
    keys: [CLIENT],
    columns: [count('login_failed', LOGIN_FAILED), count('login', LOGIN)],
  },
];

/** What stands together; the lists of the most are by number or by size. */
export const GROUPS = [
  ['domains', 'destinations', 'slowest'],
  ['rejections', 'bounces', 'deferrals', 'tls', 'verdicts', 'checks'],
  ['senders', 'recipients', 'clients', 'relays'],
  ['logins', 'guessed', 'guessers'],
].map((ids) => ids.map((id) => TABLES.find((it) => it.id === id)!));
