// A question in SQL, as far as its conditions are of simple kinds; the others are named in a comment.

import { literal } from '../../api/client';
import { terms, type Term } from '../../lib/question';
import { moments } from '../../lib/range';
import type { Question } from './copies';

const ADDRESSES: Record<string, string[]> = {
  from: ['mail_from'],
  to: ['rcpt_to'],
  orig_to: ['orig_rcpt_to'],
  account: ['account'],
  user: ['user'],
  any: ['mail_from', 'rcpt_to', 'orig_rcpt_to', 'account', 'user'],
};
const HOSTS: Record<string, string[]> = {
  client: ['client_name', 'client_address'],
  orig_client: ['orig_client_address'],
  relay: ['relay_name', 'relay_address'],
  ip: ['client_address', 'relay_address', 'orig_client_address'],
  host: ['host'],
  dns_list: ['dns_list'],
  checked_domain: ['checked_domain'],
};
const TEXTS: Record<string, string[]> = {
  id: ['queue_id', 'message_id', 'session_id', 'next_queue_id', 'mail_id', 'orig_queue_id'],
  queue_id: ['queue_id'],
  message_id: ['message_id'],
  session: ['session_id'],
  mail_id: ['mail_id'],
  next_queue_id: ['next_queue_id'],
  enhanced: ['enhanced_status'],
  queue: ['queue_name'],
  ...Object.fromEntries(
    'program label helo auth_method protocol stage action agent verdict check result mailbox severity'
      .split(' ')
      .map((it) => [it, [it]]),
  ),
};
const WORDS: Record<string, string> = {
  subject: 'subject',
  text: 'text',
  header_from: 'header_from',
  found: 'found',
  tests: 'tests',
};
const NUMBERS: Record<string, string> = {
  size: 'size',
  code: 'code',
  recipients: 'recipients',
  score: 'score',
  pid: 'pid',
};
const ALIASES: Record<string, string> = {
  status: 'kind',
  event: 'kind',
  mail_from: 'from',
  sender: 'from',
  rcpt_to: 'to',
  recipient: 'to',
  address: 'any',
  with: 'any',
  login: 'user',
  qid: 'queue_id',
  msgid: 'message_id',
  peer: 'relay',
  reply: 'text',
  reason: 'text',
  enhanced_status: 'enhanced',
  reply_code: 'code',
  category: 'verdict',
  proto: 'protocol',
};
const KINDS: Record<string, string[]> = {
  login: ['auth.succeeded', 'auth.failed', 'auth.aborted'],
  logout: ['session.closed'],
  sent: ['delivery.delivered', 'delivery.relayed'],
  failed: ['delivery.bounced', 'delivery.expired', 'mailbox.failed'],
  queued: ['message.accepted'],
};
const UNITS: Record<string, number> = {
  '': 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

export function asSql({ q, range, zone }: Question): string {
  const unsaid: string[] = [];
  const wanted = terms(q).flatMap((term) => {
    const said = condition(term);
    if (said === undefined) unsaid.push(term.isNegated ? `-${term.text}` : term.text);
    return said === undefined ? [] : [term.isNegated ? `(${said}) is not true` : said];
  });
  const where = [...time(range, zone), ...wanted].map(
    (it, at) => `${at === 0 ? 'where' : '  and'} ${it}`,
  );
  const comment =
    unsaid.length > 0 ? `-- without: ${unsaid.join(' ').replaceAll('\n', ' ')}\n` : '';
  return `${comment}select *\nfrom events\n${where.join('\n')}${where.length > 0 ? '\n' : ''}order by at desc\nlimit 100`;
}

function time(range: string, zone: string): string[] {
  const [, count, unit] = /^last (\d+) (minute|hour|day)s?$/.exec(range) ?? [];
  if (count && unit) return [`at >= now() - interval '${count} ${unit}'`];
  const both = moments(range);
  if (both) {
    const [from, until] = both.map((it) => literal(new Date(it).toISOString()));
    return [`at >= timestamp ${from}`, `at < timestamp ${until}`];
  }
  const day = `date_trunc('day', now() at time zone ${literal(zone)}) at time zone ${literal(zone)}`;
  if (range === 'today') return [`at >= ${day}`];
  if (range === 'yesterday') return [`at >= ${day} - interval '1 day'`, `at < ${day}`];
  return range === '' ? [] : [`true /* ${range.replaceAll('*/', '')} */`];
}

function condition(term: Term): string | undefined {
  if (term.isGroup) return undefined;
  const name = term.field ?? guess(term.value);
  const field = ALIASES[name] ?? name;
  const said = values(term.value).map((it) => one(field, it));
  return said.includes(undefined)
    ? undefined
    : said.length > 1
      ? `(${said.join(' or ')})`
      : said[0];
}

function guess(value: string): string {
  if (value.includes('@')) return value.startsWith('<') ? 'message_id' : 'any';
  return /^\d+\.\d+\.\d+\.\d+$/.test(value) ? 'ip' : 'text';
}

/** The values of a list, without their quotes. */
function values(text: string): string[] {
  const parts = text.match(/(?:"(?:\\.|[^"\\])*"|[^,])+/g) ?? [];
  return parts.map((it) => it.replace(/"((?:\\.|[^"\\])*)"/g, '$1').replace(/\\(.)/g, '$1'));
}

function one(field: string, value: string): string | undefined {
  if (field === 'kind') return kind(value);
  if (field in NUMBERS) return numeric(NUMBERS[field]!, value);
  if (field in WORDS)
    return value === '*'
      ? `${WORDS[field]} is not null`
      : `${WORDS[field]} ilike ${like(`*${value}*`)}`;
  const columns = ADDRESSES[field] ?? HOSTS[field] ?? TEXTS[field];
  if (!columns || value.includes('/')) return undefined;
  const each = columns.map((it) => equal(name(it), value, field));
  return each.length > 1 ? `(${each.join(' or ')})` : each[0];
}

/** `user` is a word of SQL. */
const name = (column: string) => (column === 'user' ? '"user"' : column);

function equal(column: string, value: string, field: string): string {
  if (value === '*') return `${column} <> ''`;
  if (value === '<>') return `${column} = ''`;
  if (field in TEXTS)
    return value.includes('*') ? `${column} like ${like(value)}` : `${column} = ${literal(value)}`;
  const small = value.toLowerCase();
  const isDomain =
    field in ADDRESSES && !small.includes('@') && small.includes('.') && !small.includes('*');
  if (small.startsWith('.')) return `lower(${column}) like ${like(`*${small}`)}`;
  if (isDomain || small.startsWith('@'))
    return `lower(${column}) like ${like(`*@${small.replace('@', '')}`)}`;
  if (small.endsWith('@')) return `lower(${column}) like ${like(`${small}*`)}`;
  return small.includes('*')
    ? `lower(${column}) like ${like(small)}`
    : `lower(${column}) = ${literal(small)}`;
}

const like = (value: string) => literal(value.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'));

function kind(value: string): string {
  const named = KINDS[value];
  if (named) return `kind in (${named.map(literal).join(', ')})`;
  if (value.includes('.')) return `kind = ${literal(value)}`;
  return `(kind like ${literal(`${value}.%`)} or kind like ${literal(`%.${value}`)})`;
}

function numeric(column: string, value: string): string | undefined {
  if (value === '*') return `${column} is not null`;
  if (/^\dxx$/.test(value)) return `${column} between ${value[0]}00 and ${value[0]}99`;
  const [, sign, count, unit] = /^(<=|>=|<|>)?([\d.]+)([a-z]*)$/i.exec(value) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? ''];
  return count && factor ? `${column} ${sign ?? '='} ${Number(count) * factor}` : undefined;
}
