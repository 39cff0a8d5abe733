// Plain words for what became of a message, and a tip for who is asked about it.

import { dateTime, visible } from '../../lib/format';
import { preferences } from '../../lib/preferences.svelte';
import { words } from '../../lib/words';
import { message, outcomes } from '../../words/message';
import { reasons, type Whose } from '../../words/reasons';
import { isPrivate } from './journey';
import type {
  Attempt,
  Decision,
  Journey,
  MailboxEntry,
  Outcome,
  Peer,
  Recipient,
  Refusal,
} from './journey';
import { reasonOf, telling, verbatim, type Reason, type Said } from './reason';

export interface Told {
  sentence: string;
  tip: string;
  /** In two words. */
  label: string;
  reply?: Reply;
}

/** What somebody said, word for word. */
export interface Reply {
  text: string;
  codes: string;
  isRemote: boolean;
}

/** A foreign text within a sentence: it can neither hide nor turn the words round it. */
export function held(text: string): string {
  return `\u2068${visible(text)}\u2069`;
}

/** A sentence for another program, without what isolates foreign text. */
export function bare(text: string): string {
  return text.replace(/[\u2068\u2069]/g, '');
}

export function outcomeWord(outcome: Outcome | 'mixed'): string {
  return words(outcomes)[outcome];
}

export function peerName(peer: Peer | undefined): string {
  if (!peer) return '';
  const { name, address } = peer;
  if (name && name !== 'unknown' && address && name !== address) return `${name} [${address}]`;
  return (name !== 'unknown' && name) || address || name || '';
}

/** Whether an attempt went to a server or mailbox of ours. */
export function isOurs(attempt: Attempt): boolean {
  return attempt.agent !== 'smtp' || !!attempt.next || isPrivate(attempt.relay?.address);
}

const FAILED = /^delivery\.(deferred|bounced|expired|discarded|attempt_failed)$/;

/** The attempt that tells why. */
function failure(recipient: Recipient): Attempt | undefined {
  return telling((recipient.attempts ?? []).filter((it) => FAILED.test(it.kind)));
}

/** The decision that ended it, or holds it, for a recipient. */
function decided(journey: Journey, recipient: Recipient): Decision | undefined {
  const all = (journey.hops ?? []).flatMap((it) => it.decisions ?? []);
  const wanted = all.filter((it) => `message.${recipient.outcome}` === it.kind);
  return wanted.find((it) => it.rcpt_to === recipient.rcpt_to) ?? wanted[0];
}

function because(reason: Reason, said: Said): string {
  const w = words(message);
  if (reason !== 'unknown') return reasons[preferences.language][reason].is;
  return w.becauseUnknown(said.text ? held(verbatim(said.text).slice(0, 160)) : '');
}

function replyOf(said: Said & { text: string }, isRemote: boolean): Reply {
  const text = verbatim(said.text, isRemote);
  const codes = /^\d{3}\b/.test(text) ? [] : [said.code, said.enhanced_status].filter(Boolean);
  return { text, codes: codes.join(' '), isRemote };
}

/** What became of a message for a recipient. */
export function tell(journey: Journey, recipient: Recipient): Told {
  const failed = failure(recipient);
  const decision = decided(journey, recipient);
  const said: (Said & { text: string }) | undefined = failed ?? decision;
  const needsReason = tellsReason(recipient.outcome) && said !== undefined;
  const reason = needsReason ? reasonOf(said) : undefined;
  const whose: Whose = failed ? (isOurs(failed) ? 'ours' : 'theirs') : 'door';
  const told = reason && reasons[preferences.language][reason];
  const why = reason ? because(reason, said!) : words(message).becauseUnknown('');
  return {
    sentence: [says(journey, recipient, failed, why), afterwards(recipient)]
      .filter(Boolean)
      .join(' '),
    tip: told ? told.tip[whose] : '',
    label: told?.label ?? '',
    reply: replyFor(recipient, needsReason ? said : undefined, failed),
  };
}

function tellsReason(outcome: Outcome): boolean {
  return ![
    'delivered',
    'relayed',
    'deliverable',
    'handed_over',
    'expanded',
    'deleted',
    'aborted',
  ].includes(outcome);
}

function replyFor(
  recipient: Recipient,
  said: (Said & { text: string }) | undefined,
  failed: Attempt | undefined,
): Reply | undefined {
  if (said?.text) return replyOf(said, failed?.remote_reply ?? false);
  const last = recipient.attempts?.at(-1);
  return last?.text ? replyOf(last, last.remote_reply) : undefined;
}

function says(
  journey: Journey,
  recipient: Recipient,
  failed: Attempt | undefined,
  why: string,
): string {
  const w = words(message);
  const rcpt = held(recipient.rcpt_to);
  const last = recipient.attempts?.at(-1);
  const time = recipient.ended ? dateTime(recipient.ended) : last ? dateTime(last.at) : '';
  const by = (attempt: Attempt | undefined) => {
    if (!attempt) return w.theServer;
    if (isOurs(attempt)) return attempt.agent === 'smtp' ? w.theServer : w.ourMailbox;
    return attempt.relay ? held(attempt.relay.name ?? attempt.relay.address ?? '') : w.theServer;
  };
  switch (recipient.outcome) {
    case 'delivered': {
      const saved = recipient.mailbox?.findLast((it) => it.kind === 'mailbox.saved');
      if (saved) return w.saysDelivered(rcpt, held(saved.mailbox ?? ''), dateTime(saved.at));
      return w.saysDeliveredBy(rcpt, last?.relay?.name ? held(last.relay.name) : '', time);
    }
    case 'relayed':
      return w.saysRelayed(rcpt, by(last), time);
    case 'handed_over':
      return w.saysHandedOver(rcpt, last?.relay ? held(peerName(last.relay)) : w.theServer, time);
    case 'deferred': {
      const times = (recipient.attempts ?? []).filter(
        (it) => it.kind === 'delivery.deferred',
      ).length;
      return times ? w.saysDeferred(rcpt, times, by(failed), why) : w.saysWaits(rcpt);
    }
    case 'bounced':
      return w.saysBounced(rcpt, by(failed), time, why);
    case 'expired':
      return w.saysExpired(rcpt, time, why);
    case 'held':
      return w.saysHeld(rcpt, decided(journey, recipient) ? why : '');
    case 'expanded':
      return w.saysExpanded(rcpt);
    case 'quarantined':
      return w.saysQuarantined(rcpt, why);
    case 'discarded':
      if (recipient.mailbox?.some((it) => it.kind === 'sieve.discarded'))
        return w.saysSieveDiscarded(rcpt);
      return w.saysDiscarded(rcpt, why);
    case 'rejected':
      return w.saysRejected(rcpt, why);
    case 'deleted':
      return w.saysDeleted(rcpt);
    case 'aborted':
      return w.saysAborted(rcpt);
    case 'deliverable':
      return w.saysDeliverable(rcpt);
    case 'undeliverable':
      return w.saysUndeliverable(rcpt, why);
    case 'unknown':
      return w.saysUnknown(rcpt);
  }
}

const REMOVED = /^mailbox\.(deleted|expunged)$/;

/** Where the message went if its user moved it: a copy, and the first one removed by the same session. */
export function movedTo(entry: MailboxEntry, all: MailboxEntry[]): string | undefined {
  if (!REMOVED.test(entry.kind)) return undefined;
  const copy = all.find(
    (it) => it.kind === 'mailbox.copied' && it.session && it.session === entry.session,
  );
  return copy?.mailbox ?? (copy ? '' : undefined);
}

/** Whoever deleted it in the mailbox, where lines tell. */
function afterwards(recipient: Recipient): string {
  const all = recipient.afterwards ?? [];
  const gone = all.findLast((it) => REMOVED.test(it.kind) && movedTo(it, all) === undefined);
  if (!gone) return '';
  const w = words(message);
  return w.gone(
    held(gone.user),
    held(peerName(gone.client)),
    gone.protocol.toUpperCase(),
    dateTime(gone.at),
  );
}

/** What the user did, in a few words. */
export function did(entry: MailboxEntry, all: MailboxEntry[]): string {
  const w = words(message);
  const moved = movedTo(entry, all);
  if (moved !== undefined) return w.didMoved(held(moved));
  switch (entry.kind) {
    case 'mailbox.flagged':
      return entry.text?.includes('\\Seen') ? w.didRead : w.didFlagged(held(entry.text ?? ''));
    case 'mailbox.fetched':
      return w.didFetched;
    case 'mailbox.moved':
      return w.didMoved(held(entry.target ?? entry.mailbox ?? ''));
    case 'mailbox.copied':
      return w.didCopied(held(entry.mailbox ?? ''));
    case 'mailbox.deleted':
      return w.didDeleted(held(entry.mailbox ?? ''));
    case 'mailbox.expunged':
      return w.didExpunged(held(entry.mailbox ?? ''));
    default:
      return '';
  }
}

/** What was refused before it was a message. */
export function tellRefusal(refusal: Refusal): Told {
  const w = words(message);
  const reason = reasonOf(refusal);
  const told = reasons[preferences.language][reason];
  const client = held(peerName(refusal.client) || w.unknownSender);
  const isForNow = refusal.code ? refusal.code < 500 : refusal.enhanced_status?.startsWith('4');
  const says = isForNow ? w.saysRefusedForNow : w.saysRefused;
  return {
    sentence: says(client, dateTime(refusal.at), because(reason, refusal)),
    tip: told.tip.door,
    label: told.label,
    reply: refusal.text ? replyOf(refusal, false) : undefined,
  };
}
