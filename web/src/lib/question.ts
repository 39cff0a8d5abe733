// The text of a question, as far as the page must know its grammar: where its conditions are.
// What they mean is the API's to say (docs/search.md).

export interface Term {
  /** As it is written, without what negates it. */
  text: string;
  /** Where it stands in the question, with what negates it. */
  from: number;
  until: number;
  isNegated: boolean;
  /** The field's name as written, in small letters; none for words, and for groups. */
  field: string | undefined;
  /** What stands behind the field's name, or the word. */
  value: string;
  isGroup: boolean;
}

interface Piece {
  text: string;
  from: number;
  until: number;
}

/** Words, quoted texts and groups in parentheses, each whole; an open one reaches to the end. */
function pieces(q: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  while (at < q.length) {
    if (/\s/.test(q[at]!)) {
      at += 1;
      continue;
    }
    const until = end(q, at);
    found.push({ text: q.slice(at, until), from: at, until });
    at = until;
  }
  return found;
}

function end(q: string, start: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < q.length; at += 1) {
    const char = q[at]!;
    if (char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (depth <= 0 && /\s/.test(char)) return at;
    if (depth < 0) return at + 1;
  }
  return q.length;
}

const isOr = (it: Piece) => it.text === 'OR';

/** The conditions that a question's rows all fulfil; one alone where it has OR on its ground. */
export function terms(q: string): Term[] {
  const all = pieces(q);
  if (all.length === 0) return [];
  if (all.some(isOr)) {
    const [from, until] = [all[0]!.from, all.at(-1)!.until];
    const text = q.slice(from, until);
    return [{ text, from, until, isNegated: false, field: undefined, value: text, isGroup: true }];
  }
  const found: Term[] = [];
  let not: Piece | undefined;
  for (const piece of all) {
    if (piece.text === 'AND') continue;
    if (piece.text === 'NOT') {
      not = piece;
      continue;
    }
    found.push(term(piece, not));
    not = undefined;
  }
  return found;
}

function term(piece: Piece, not: Piece | undefined): Term {
  const hasMinus = piece.text.length > 1 && piece.text.startsWith('-');
  const text = hasMinus ? piece.text.slice(1) : piece.text;
  const named = /^([a-z_-]+)[:=]([\s\S]*)$/i.exec(text);
  return {
    text,
    from: not?.from ?? piece.from,
    until: piece.until,
    isNegated: hasMinus !== (not !== undefined),
    field: named?.[1]!.toLowerCase(),
    value: named ? named[2]! : text,
    isGroup: text.startsWith('('),
  };
}

/** Without this one of its conditions. */
export function without(q: string, term: Term): string {
  return tidy(q.slice(0, term.from) + q.slice(term.until));
}

/** With the opposite of this one of its conditions. */
export function negated(q: string, term: Term): string {
  const isOrs = term.isGroup && !term.text.startsWith('(');
  const text = isOrs ? `(${term.text})` : term.text;
  return tidy(q.slice(0, term.from) + (term.isNegated ? text : `-${text}`) + q.slice(term.until));
}

/** With one more condition, which replaces its opposite. */
export function withTerm(q: string, added: string): string {
  const opposite = added.startsWith('-') ? added.slice(1) : `-${added}`;
  const same = terms(q).find((it) => q.slice(it.from, it.until) === opposite);
  if (same) return negated(q, same);
  if (has(q, added)) return q;
  const hasOr = pieces(q).some(isOr);
  return tidy(`${hasOr ? `(${q})` : q} ${added}`);
}

/** Whether a question has this condition. */
export function has(q: string, text: string): boolean {
  return terms(q).some((it) => q.slice(it.from, it.until) === text);
}

/** Adds a condition, or takes it away where it is. */
export function toggled(q: string, text: string): string {
  const there = terms(q).find((it) => q.slice(it.from, it.until) === text);
  return there ? without(q, there) : withTerm(q, text);
}

function tidy(q: string): string {
  return q.replace(/\s+/g, (space, at: number) => (isInQuotes(q, at) ? space : ' ')).trim();
}

function isInQuotes(q: string, until: number): boolean {
  let isQuoted = false;
  for (let at = 0; at < until; at += 1) {
    if (q[at] === '\\') at += 1;
    else if (q[at] === '"') isQuoted = !isQuoted;
  }
  return isQuoted;
}

/** A value as it stands behind a field's name. */
export function quoted(value: string): string {
  if (/^[\p{L}\p{N}@._+=/:%#&$~^'{}!?[\]-]+$/u.test(value) && !value.startsWith('-')) return value;
  if (/^<[^\s"*\\(),]*>$/.test(value)) return value;
  return `"${value.replace(/["*\\]/g, '\\$&')}"`;
}

/** The index in a text of a byte of it in UTF-8. */
export function indexOfByte(text: string, byte: number): number {
  const bytes = new TextEncoder().encode(text).subarray(0, byte);
  return new TextDecoder().decode(bytes).length;
}

/** A question in three: what is wrong with it, from one byte up to another, and what stands round it. */
export function parted(q: string, at: [number, number]) {
  const [from, until] = at.map((byte) => indexOfByte(q, byte)) as [number, number];
  return {
    before: q.slice(0, from),
    part: q.slice(from, Math.max(until, from)) || '␣',
    behind: q.slice(until),
  };
}

/** Which field asks for what stands in a column. */
const FIELDS: Record<string, string> = {
  mail_from: 'from',
  rcpt_to: 'to',
  orig_rcpt_to: 'orig_to',
  client_name: 'client',
  client_address: 'ip',
  relay_name: 'relay',
  relay_address: 'relay',
  orig_client_address: 'orig_client',
  enhanced_status: 'enhanced',
  queue_name: 'queue',
  session_id: 'session',
};

/** Columns that no field asks for. */
const SILENT = new Set(
  'id at time_origin original_lines lines repeated account_domain remote_reply passed counts source source_mailbox target path http_method duration_ms relay_port orig_queue_id bytes_in bytes_out text took_ms delay_ms delay_before_queue_ms delay_queue_ms delay_connect_ms delay_transmit_ms'.split(
    ' ',
  ),
);

/** The condition that a column has a value; `undefined` where it cannot be asked for. */
export function condition(column: string, value: string | null): string | undefined {
  if (SILENT.has(column)) return undefined;
  const field = FIELDS[column] ?? column;
  if (value === null) return `-${field}:*`;
  if (value === '') return column === 'mail_from' ? 'from:<>' : `-${field}:*`;
  return `${field}:${quoted(value)}`;
}

/** The opposite of a condition. */
export function opposite(condition: string): string {
  return condition.startsWith('-') ? condition.slice(1) : `-${condition}`;
}

/** Kinds that only keep house: what became of a message is told without them. */
const HOUSEKEEPING =
  '-kind:session.opened,session.closed,session.screened,message.started,message.closed,message.listed,delivery.started,tls.established,service.statistics,service.info';

/**
 * The question that is asked: without what keeps house, unless that is wanted, or the question itself
 * speaks of kinds; and how far it was moved by that.
 */
export function effective(q: string, isAll: boolean): { q: string; moved: number } {
  if (isAll || speaksOfKinds(q)) return { q, moved: 0 };
  const hasOr = pieces(q).some(isOr);
  const asked = hasOr ? `(${q})` : q;
  return { q: `${asked} ${HOUSEKEEPING}`.trim(), moved: hasOr ? 1 : 0 };
}

/** Whether it says which kinds it wants. */
export function speaksOfKinds(q: string): boolean {
  return /(^|[\s(])(kind|status|event):/i.test(q);
}
