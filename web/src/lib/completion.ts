// What may be meant by what is typed: fields, kinds, and values that there are.

import { facets } from './facets';
import { fieldDoc, fields } from './fields';
import { quoted } from './question';

export interface Suggestion {
  /** What is put in place of the word at the caret. */
  text: string;
  /** What it is. */
  note: string;
  /** Whether more must be typed behind it. */
  isOpen?: boolean;
  /** Where it leads instead. */
  to?: string;
}

/** The word at the caret, from its beginning on. */
export function wordAt(q: string, caret: number): { from: number; until: number; text: string } {
  let from = caret;
  let isQuoted = false;
  for (let at = 0; at < caret; at += 1) {
    if (q[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /[\s(]/.test(q[at]!)) from = at + 1;
    if (at === 0 && !/[\s(]/.test(q[0]!)) from = 0;
  }
  if (caret === 0) from = 0;
  const rest = /^[^\s)]*/.exec(q.slice(caret))![0];
  return { from, until: caret + rest.length, text: q.slice(from, caret) };
}

/** Columns whose values are worth proposing, by the usual name of their field. */
const COLUMNS: Record<string, string> = {
  from: 'mail_from',
  to: 'rcpt_to',
  orig_to: 'orig_rcpt_to',
  account: 'account',
  any: 'account',
  user: 'user',
  host: 'host',
  program: 'program',
  label: 'label',
  client: 'client_name',
  relay: 'relay_name',
  code: 'code',
  enhanced: 'enhanced_status',
  verdict: 'verdict',
  action: 'action',
  protocol: 'protocol',
  agent: 'agent',
  auth_method: 'auth_method',
  check: 'check',
  result: 'result',
  dns_list: 'dns_list',
  mailbox: 'mailbox',
  checked_domain: 'checked_domain',
  user_agent: 'user_agent',
  stage: 'stage',
};

const KIND_WORDS =
  'delivered relayed sent deferred bounced expired failed rejected held quarantined discarded login logout vacation opened clicked complained'.split(
    ' ',
  );
const SEVERITIES = ['debug', 'info', 'warning', 'error', 'fatal', 'panic'];
const TIMES = ['today', 'yesterday', '7d', '24h', '"last week"'];

const SUGGESTIONS_MAX = 9;

/** Suggestions for a word that is being typed. */
export async function suggestions(
  word: string,
  range: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const minus = word.startsWith('-') ? '-' : '';
  const text = word.slice(minus.length);
  const colon = text.indexOf(':');
  const all =
    colon < 0 ? await ofWord(text, range, signal) : await ofField(text, colon, range, signal);
  return all.slice(0, SUGGESTIONS_MAX).map((it) => ({ ...it, text: minus + it.text }));
}

async function ofWord(text: string, range: string, signal: AbortSignal): Promise<Suggestion[]> {
  if (text === '' || text.startsWith('"') || text.startsWith('<')) return [];
  if (text.includes('@')) return values('account', text, '', range, signal);
  const small = text.toLowerCase();
  const known = await fields();
  const named = known.fields.flatMap((field): Suggestion[] => {
    const name = field.names.find((it) => it.startsWith(small));
    return name ? [{ text: `${name}:`, note: fieldDoc(field), isOpen: true }] : [];
  });
  const kinds = KIND_WORDS.filter((it) => it.startsWith(small)).map((it) => ({
    text: `status:${it}`,
    note: '',
  }));
  return [...kinds.slice(0, 3), ...named];
}

async function ofField(
  text: string,
  colon: number,
  range: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const name = text.slice(0, colon).toLowerCase();
  const comma = text.lastIndexOf(',');
  const begin = comma > colon ? comma + 1 : colon + 1;
  const [before, typed] = [text.slice(0, begin), text.slice(begin)];
  const known = await fields();
  const usual = known.fields.find((it) => it.names.includes(name))?.names[0];
  const fixed = (all: string[]) =>
    all
      .filter((it) => it.startsWith(typed.toLowerCase()))
      .map((it) => ({ text: before + it, note: '' }));
  switch (usual) {
    case undefined:
      return [];
    case 'kind':
      return fixed([...KIND_WORDS, ...known.kinds]);
    case 'severity':
      return fixed(SEVERITIES);
    case 'time':
      return fixed(TIMES);
  }
  const column = COLUMNS[usual];
  return column ? values(column, typed, before, range, signal) : [];
}

/** Values of a column that begin like this, the most frequent first. */
async function values(
  column: string,
  typed: string,
  before: string,
  range: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const begin = typed.replace(/^["<]/, '');
  const field = Object.keys(COLUMNS).find((it) => COLUMNS[it] === column)!;
  const q = begin && !['code'].includes(field) ? `${field}:${quoted(begin)}*` : '';
  const query = { q: q.endsWith('"*') ? '' : q, by: column, top: 40, range };
  const found = await facets(query, signal).catch(() => undefined);
  const small = begin.toLowerCase();
  return (found?.get(column) ?? []).flatMap(({ value, rows }): Suggestion[] =>
    value?.toLowerCase().startsWith(small)
      ? [{ text: before + quoted(value), note: String(rows) }]
      : [],
  );
}
