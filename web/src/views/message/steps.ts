// The rows of a message, each in a line of words.

import type { Row } from '../../api/client';
import { number, size, visible } from '../../lib/format';
import { textOf } from './from_rows';
import { when, type Journey } from './journey';
import { verbatim } from './reason';

/** The rows of one of the messages that were found. */
export function rowsOf(journey: Journey, rows: Row[], isOnly: boolean): Row[] {
  if (isOnly) return rows;
  const queues = new Set((journey.hops ?? []).map((it) => `${it.host ?? ''} ${it.queue_id}`));
  const sessions = new Set(
    (journey.recipients ?? [])
      .flatMap((it) => [...(it.mailbox ?? []), ...(it.afterwards ?? [])])
      .flatMap((it) => it.session ?? []),
  );
  return rows.filter(
    (row) =>
      queues.has(`${row.host ?? ''} ${row.queue_id}`) ||
      (row.message_id !== undefined && row.message_id === journey.message_id) ||
      (row.session_id !== undefined && sessions.has(row.session_id)),
  );
}

/** In order of time; within a moment as they came. */
export function inOrder(rows: Row[]): Row[] {
  return rows.toSorted((a, b) => when(a.at) - when(b.at));
}

/** What a row says beside its kind: who, where to, how much. */
export function detail(row: Row): string {
  const parts: (string | false | undefined)[] = [];
  const client = named(row.client_name, row.client_address);
  const relay = named(row.relay_name, row.relay_address);
  const area = row.kind.split('.')[0];
  switch (area) {
    case 'delivery':
      parts.push([row.rcpt_to, relay].filter((it) => it).join(' → '));
      parts.push(verbatim(textOf(row), row.remote_reply ?? false));
      break;
    case 'filter':
      parts.push(row.verdict ?? row.result, row.check, row.found, row.checked_domain, textOf(row));
      parts.push(row.score !== undefined && number(row.score, 1));
      break;
    case 'mailbox':
    case 'sieve':
    case 'autoreply':
      parts.push(row.user, row.mailbox, row.target, client, textOf(row));
      break;
    case 'dsn':
      parts.push(row.result, row.next_queue_id, textOf(row));
      break;
    default:
      parts.push(client, row.user, textOf(row), row.size !== undefined && size(row.size));
  }
  return parts
    .filter((it): it is string => !!it)
    .map(visible)
    .join(' · ');
}

function named(name?: string, address?: string): string {
  const isKnown = name && name !== 'unknown';
  if (isKnown && address && address !== name) return `${name} [${address}]`;
  return (isKnown && name) || address || '';
}
