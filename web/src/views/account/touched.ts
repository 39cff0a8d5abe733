// Which messages were touched, by what, as far as lines name them; and as a table for a spreadsheet.

import type { Row } from '../../api/client';
import { csv } from '../reports/csv';
import { kindWord } from '../../lib/kinds';
import { words } from '../../lib/words';
import { account } from '../../words/account';
import { when } from '../message/journey';

/** One message, and what was done with it. */
export interface Touched {
  /** Message-ID, or queue id where none is told. */
  what: string;
  at: string;
  queue_id: string;
  /** Kinds of what was done, the first thing first. */
  did: string[];
  /** Where from. */
  addresses: string[];
  folders: string[];
  recipients: string[];
  size?: number;
}

/** Each message once, the newest first. */
export function touched(rows: Row[]): Touched[] {
  const found = new Map<string, Touched>();
  const alias = new Map<string, string>();
  for (const row of rows.toSorted((a, b) => when(a.at) - when(b.at))) {
    if (row.message_id && row.queue_id) alias.set(row.queue_id, row.message_id);
    const what = row.message_id ?? alias.get(row.queue_id ?? '') ?? row.queue_id;
    if (!what) continue;
    const it = found.get(what) ?? {
      what,
      at: row.at,
      queue_id: row.queue_id ?? '',
      did: [],
      addresses: [],
      folders: [],
      recipients: [],
    };
    found.set(what, it);
    it.at = row.at;
    it.size ??= row.size;
    add(it.did, row.kind);
    add(it.addresses, row.client_address);
    add(it.folders, row.mailbox);
    if (row.kind.startsWith('delivery.')) add(it.recipients, row.rcpt_to);
  }
  return [...found.values()].sort((a, b) => when(b.at) - when(a.at));
}

function add(list: string[], value: string | undefined) {
  if (value && !list.includes(value)) list.push(value);
}

export function table(all: Touched[]): string {
  const w = words(account);
  const head = [
    w.csvTime,
    w.csvWhat,
    w.csvFrom,
    w.csvMessageId,
    w.csvQueueId,
    w.csvFolder,
    w.csvTo,
    w.csvSize,
  ];
  const rows = all.map((it) => [
    it.at,
    it.did.map(kindWord).join('; '),
    it.addresses.join(' '),
    it.what === it.queue_id ? '' : it.what,
    it.queue_id,
    it.folders.join('; '),
    it.recipients.join(' '),
    it.size,
  ]);
  return csv([head, ...rows]);
}
