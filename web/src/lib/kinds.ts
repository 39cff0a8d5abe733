// How a row looks by what happened.

import type { Row } from '../api/client';
import { kinds } from '../words/kinds';
import { words } from './words';

/** How good or bad it is; said by a sign and a word as well as by colour. */
export type Tone = 'good' | 'wait' | 'bad' | 'plain';

const TONES: Record<string, Tone> = {
  'delivery.delivered': 'good',
  'delivery.relayed': 'good',
  'mailbox.saved': 'good',
  'auth.succeeded': 'good',
  'quarantine.released': 'good',
  'delivery.deferred': 'wait',
  'delivery.attempt_failed': 'wait',
  'delivery.discarded': 'wait',
  'dsn.sent': 'wait',
  'dsn.received': 'wait',
  'message.held': 'wait',
  'message.discarded': 'wait',
  'message.aborted': 'wait',
  'message.deleted': 'wait',
  'auth.aborted': 'wait',
  'session.aborted': 'wait',
  'session.violation': 'wait',
  'quarantine.stored': 'wait',
  'sieve.discarded': 'wait',
  'mailbox.deleted': 'wait',
  'mailbox.expunged': 'wait',
  'folder.deleted': 'wait',
  'service.warning': 'wait',
  'service.limit_reached': 'wait',
  'delivery.bounced': 'bad',
  'delivery.expired': 'bad',
  'message.expired': 'bad',
  'message.rejected': 'bad',
  'session.rejected': 'bad',
  'auth.failed': 'bad',
  'tls.failed': 'bad',
  'mailbox.failed': 'bad',
  'sieve.rejected': 'bad',
  'sieve.failed': 'bad',
  'complaint.received': 'bad',
  'service.error': 'bad',
};

const SEVERITIES: Record<string, Tone> = {
  warning: 'wait',
  error: 'bad',
  fatal: 'bad',
  panic: 'bad',
};

/** Of a kind alone. */
export function toneOf(kind: string): Tone {
  return TONES[kind] ?? 'plain';
}

/** Of a row: its kind, what a filter found, and the severity that the program gave. */
export function tone(row: Pick<Row, 'kind' | 'severity' | 'passed' | 'verdict' | 'result'>): Tone {
  if (row.kind === 'filter.verdict') {
    if (row.passed === false) return 'bad';
    return /spam|infected|virus|banned|bad/i.test(row.verdict ?? '') ? 'wait' : 'plain';
  }
  if (row.kind === 'filter.auth_result' && /fail/i.test(row.result ?? '')) return 'wait';
  return TONES[row.kind] ?? SEVERITIES[row.severity ?? ''] ?? 'plain';
}

/** A kind in the reader's words. */
export function kindWord(kind: string): string {
  const all: Record<string, string> = words(kinds);
  return all[kind] ?? kind;
}
