// What a row tells, in one line.

import type { Row } from '../api/client';
import { country, number, size, span } from './format';
import { toMessage } from './router.svelte';

/** Between whom it happened. */
export interface Who {
  from: string | undefined;
  to: string | undefined;
  /** The recipient before aliases, where it was another. */
  before: string | undefined;
}

export function who(row: Row): Who {
  const isOfMail = row.mail_from !== undefined || row.rcpt_to !== undefined;
  if (!isOfMail)
    return { from: row.user || row.account || undefined, to: undefined, before: undefined };
  const before = row.orig_rcpt_to !== row.rcpt_to ? row.orig_rcpt_to : undefined;
  return { from: row.mail_from, to: row.rcpt_to || undefined, before };
}

/** What was said of it: a reply, else what else there is. */
export function told(row: Row): string {
  const text = row.text?.replaceAll('{next_queue_id}', row.next_queue_id ?? '');
  // Most replies begin with their status.
  const shown = [...place(row).filter((it) => it && !text?.includes(it)), text].filter((it) => it);
  return (shown.length > 0 ? shown : [row.subject, row.header_from, row.path])
    .filter((it) => it)
    .join(' · ');
}

/** Where the client is, if that is known. */
function abroad(row: Row): string | undefined {
  return row.client_country && country(row.client_country);
}

function place(row: Row): (string | undefined)[] {
  const area = row.kind.split('.')[0];
  const client =
    row.client_name && row.client_name !== 'unknown' ? row.client_name : row.client_address;
  switch (area) {
    case 'delivery':
      return [
        row.relay_name || row.relay_address,
        row.enhanced_status,
        row.delay_ms === undefined ? '' : span(row.delay_ms),
      ];
    case 'auth':
      return [
        row.protocol || row.label,
        row.auth_method,
        row.client_address ?? client,
        abroad(row),
      ];
    case 'session':
    case 'tls':
      return [row.program, client, row.tls];
    case 'message':
      return [
        client,
        row.enhanced_status,
        row.size === undefined ? '' : size(row.size),
        row.subject,
      ];
    case 'filter':
    case 'quarantine':
      return [
        row.verdict,
        row.score === undefined ? '' : number(row.score, 2),
        row.check,
        row.result,
        row.found,
        row.tests,
      ];
    case 'mailbox':
    case 'folder':
      return [row.mailbox, row.subject, row.client_address];
    case 'dsn':
      return [row.result, row.next_queue_id];
    default:
      return [row.program];
  }
}

/** Where all of its message is told; `undefined` where it belongs to none. */
export function messageOf(row: Row): string | undefined {
  const what = row.message_id || row.queue_id;
  if (what) return toMessage(what);
  return row.rcpt_to !== undefined ? toMessage(row.id) : undefined;
}

/** Rows for a ticket. */
export function markdown(row: Row, lines: string[] = []): string {
  const { from, to } = who(row);
  const head = [
    `**${row.kind}**`,
    row.at,
    [from ?? '', to].filter((it) => it !== undefined).join(' → '),
    told(row),
  ];
  const original = lines.length > 0 ? `\n\n\`\`\`\n${lines.join('\n')}\n\`\`\`` : '';
  return head.filter((it) => it).join('  \n') + original;
}
