// What is asked about an account, in the words of questions.

/** A text as a value that means itself. */
export function value(text: string): string {
  return `"${text.replace(/["\\*]/g, '\\$&')}"`;
}

/** Rows of an account. */
export function ofAccount(account: string): string {
  return `account:${value(account)}`;
}

/** Rows of client addresses. */
export function fromAddresses(addresses: string[]): string {
  return `client:${addresses.map(value).join(',')}`;
}

export const LANES = ['logins', 'failed', 'sent', 'received', 'refused', 'removed'] as const;
export type Lane = (typeof LANES)[number];

/** What is counted in each lane: each thing that happened by one row. */
export const COUNTED: Record<Lane, string> = {
  logins: 'kind:auth.succeeded',
  // Dovecot tells a failure twice; the line where the password is checked names no protocol.
  failed: 'kind:auth.failed (protocol:* OR -label:dovecot)',
  sent: '(kind:message.accepted user:* OR kind:message.submitted)',
  received: 'kind:delivery.delivered',
  refused: 'kind:message.rejected',
  removed: 'kind:mailbox.expunged,mailbox.moved',
};

const OF_MAILBOX =
  'kind:mailbox.deleted,mailbox.expunged,mailbox.moved,mailbox.copied,mailbox.flagged,mailbox.fetched,folder';
const OF_MESSAGES =
  'kind:message.accepted,message.submitted,message.held,message.discarded,message.aborted,delivery,mailbox.saved,mailbox.failed,sieve,autoreply';

/** What is told of in each lane, and where no lane is chosen. */
export const TOLD: Record<Lane | 'all', string> = {
  logins: 'kind:auth.succeeded,web',
  failed: 'kind:auth.failed,auth.aborted',
  sent: `${OF_MESSAGES} user:*`,
  received: `(${OF_MESSAGES}) -kind:message.submitted -(kind:message.accepted,delivery user:*)`,
  refused: COUNTED.refused,
  removed: OF_MAILBOX,
  all: `(kind:auth.succeeded,auth.failed,message.rejected OR ${OF_MESSAGES} OR ${OF_MAILBOX})`,
};

/** Rows that name messages which a user touched: handed in, or done something with in the mailbox. */
export const TOUCHED = `(${OF_MAILBOX} OR kind:message.submitted OR kind:message.accepted,delivery user:*)`;
