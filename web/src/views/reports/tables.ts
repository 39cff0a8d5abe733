// The tables of a report: of each row what it is about, and how it is asked for in SQL and in search.

/** How a figure is read. */
export type Form = 'count' | 'bytes' | 'length';

/** A figure of each row. */
export interface Column {
  id: string;
  form: Form;
  /** Of which kinds of the table's; of all where it is absent. */
  kinds?: readonly string[];
  /** An aggregate. */
  sql: string;
}

/** What rows are grouped by. */
export interface Key {
  id: string;
  sql: string;
  /** The condition of a question for a value; `null` where rows have none. */
  condition(value: string | null): string;
}

export interface Table {
  id: string;
  kinds: readonly string[];
  /** A further condition, in SQL; rows that it leaves out have no value of the key either. */
  only?: string;
  keys: readonly Key[];
  columns: readonly Column[];
  /** Whether rows tell one of their replies. */
  hasSample?: boolean;
  /** Whether shares of the first column are told, within rows that have the first key in common. */
  hasShare?: boolean;
  /** Whether the rows with the highest sum of all come first, and not those of the first column. */
  byAll?: boolean;
  /** Rows at the most. */
  top?: number;
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
function key(id: string, sql: string, field = id): Key {
  const condition = (value: string | null) => {
    if (value === null) return `-${field}:*`;
    return `${field}:${value === '' ? '<>' : quoted(value)}`;
  };
  return { id, sql, condition };
}

const count = (id: string, kinds?: readonly string[]): Column => ({
  ...{ id, form: 'count', sql: 'count(*)' },
  ...(kinds && { kinds }),
});
const BYTES: Column = { id: 'bytes', form: 'bytes', sql: 'sum(size)' };
const delay = (id: string, part: number, kinds: readonly string[]): Column => ({
  ...{ id, form: 'length', kinds },
  sql: `approx_percentile_cont(delay_ms, ${part})`,
});

const STATUS = key('enhanced_status', 'enhanced_status', 'enhanced');
const CODE = key('code', 'cast(code as varchar)');
const KIND = key('kind', 'kind');
/** `TLSv1.3 TLS_AES_256...` of Postfix, `TLS1.3:TLS_AES...` of Exim */
const TLS: Key = {
  id: 'tls',
  sql: "replace(split_part(split_part(tls, ' ', 1), ':', 1), 'TLSv', 'TLS')",
  condition: (value) =>
    value === null ? '-tls:*' : `tls:${value}*,${value.replace('TLS', 'TLSv')}*`,
};
const SENDER = key('sender', 'lower(mail_from)', 'from');
const RECIPIENT = key('recipient', 'lower(rcpt_to)', 'to');
const DOMAIN = key('destination', "lower(split_part(rcpt_to, '@', -1))", 'to');
const CLIENT = key('client', 'client_address');

const TABLES: readonly Table[] = [
  {
    id: 'domains',
    byAll: true,
    kinds: [...SENT, ...DEFERRED, ...BOUNCED, ...REJECTED, ...LOGIN_FAILED],
    only: "account_domain <> ''",
    keys: [key('domain', 'account_domain', 'account')],
    columns: [
      count('delivered', ['delivery.delivered']),
      count('relayed', ['delivery.relayed']),
      count('deferred', DEFERRED),
      count('bounced', BOUNCED),
      count('rejected', REJECTED),
      count('logins_failed', LOGIN_FAILED),
    ],
    top: 20,
  },
  {
    id: 'destinations',
    byAll: true,
    kinds: ['delivery.relayed', ...DEFERRED, ...BOUNCED],
    keys: [DOMAIN],
    columns: [
      count('relayed', ['delivery.relayed']),
      count('deferred', DEFERRED),
      count('bounced', BOUNCED),
      delay('median', 0.5, ['delivery.relayed']),
      delay('p95', 0.95, ['delivery.relayed']),
    ],
    top: 20,
  },
  {
    id: 'rejections',
    kinds: REJECTED,
    keys: [CODE, STATUS, key('dns_list', 'dns_list')],
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
    keys: [key('verdict', 'verdict')],
    columns: [count('count')],
    hasShare: true,
  },
  {
    id: 'checks',
    kinds: ['filter.auth_result'],
    keys: [key('check', '"check"', 'check'), key('result', 'result')],
    columns: [count('count')],
    hasShare: true,
    top: 30,
  },
  {
    id: 'tls',
    kinds: [...ACCEPTED, 'delivery.relayed'],
    keys: [KIND, TLS],
    columns: [count('count')],
    hasShare: true,
    top: 20,
  },
  { id: 'senders', kinds: ACCEPTED, keys: [SENDER], columns: [count('count'), BYTES] },
  { id: 'recipients', kinds: SENT, keys: [RECIPIENT], columns: [count('count'), BYTES] },
  { id: 'clients', kinds: ACCEPTED, keys: [CLIENT], columns: [count('count'), BYTES] },
  {
    id: 'relays',
    kinds: ['delivery.relayed'],
    keys: [key('relay', 'relay_name')],
    columns: [count('count'), BYTES],
  },
  {
    id: 'logins',
    byAll: true,
    kinds: [...LOGIN, ...LOGIN_FAILED, 'auth.aborted'],
    keys: [key('program', 'program'), key('protocol', 'protocol')],
    columns: [
      count('login', LOGIN),
      count('login_failed', LOGIN_FAILED),
      count('login_aborted', ['auth.aborted']),
    ],
  },
  {
    id: 'guessed',
    kinds: [...LOGIN_FAILED, ...LOGIN],
    keys: [key('user', 'lower("user")')],
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
  ['domains', 'destinations'],
  ['rejections', 'bounces', 'deferrals', 'tls', 'verdicts', 'checks'],
  ['senders', 'recipients', 'clients', 'relays'],
  ['logins', 'guessed', 'guessers'],
].map((ids) => ids.map((id) => TABLES.find((it) => it.id === id)!));
