// The way of a message as a drawing: a lane for each place, time to the right.
//
// Each stretch between two things that happened is as wide as the logarithm of its length, so that
// milliseconds stay visible beside hours of waiting, and longer is always wider.

import { movedTo } from './tell';
import { reasonOf, telling } from './reason';
import { lastOf, tone, when } from './journey';
import type { Attempt, Hop, Journey, MailboxEntry, Recipient, Tone, Verdict } from './journey';

export type LaneKind =
  'client' | 'queue' | 'filter' | 'server' | 'mailbox' | 'mailboxes' | 'servers';

export interface Lane {
  key: string;
  kind: LaneKind;
  /** Name of the place as written; '' where none is told. */
  name: string;
  /** Queue id, address. */
  detail: string;
  /** How many places it stands for. */
  count: number;
  tone: Tone;
  /** What is said of it at its end. */
  end: End;
}

/** What came of a lane: words are found where it is drawn. */
export type End =
  | { kind: 'spent'; ms: number; state: string }
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'attempt'; attempt: Attempt; count: number }
  | { kind: 'mailbox'; entry?: MailboxEntry; all: MailboxEntry[] }
  | { kind: 'none' };

/** From and until, milliseconds since 1970. */
export interface Bar {
  lane: number;
  from: number;
  until: number;
  tone: Tone;
  isWait: boolean;
}

export interface Mark {
  lane: number;
  at: number;
  tone: Tone;
  /** The kind of row that it stands for. */
  kind: string;
}

/** Handed from one lane to another. */
export interface Step {
  from: number;
  to: number;
  at: number;
  tone: Tone;
}

export interface Picture {
  lanes: Lane[];
  bars: Bar[];
  marks: Mark[];
  steps: Step[];
  start: number;
  end: number;
  /** Moments to be named below, and pauses that are named with their length. */
  ticks: number[];
  waits: { from: number; until: number }[];
  /** Where a moment is, from 0 to 100. */
  x: (at: number) => number;
}

/** More places than these stand on a lane together. */
const SERVERS_MAX = 6;
const MAILBOXES_MAX = 4;
/** A pause that is worth naming, in milliseconds. */
const WAIT_MS = 10_000;
/** How far names of moments are apart at least, in hundredths of the width. */
const TICK_APART = 13;
/** From here on there is no room to the right of a moment. */
export const LATE = 90;

export function picture(journey: Journey): Picture {
  const drawing = new Drawing(journey);
  drawing.client();
  for (const hop of drawing.hops) drawing.hop(hop);
  drawing.servers();
  drawing.mailboxes();
  return drawing.done();
}

class Drawing {
  readonly hops: Hop[];
  readonly end: number;
  private readonly lanes: Lane[] = [];
  private readonly bars: Bar[] = [];
  private readonly marks: Mark[] = [];
  private readonly steps: Step[] = [];
  /** Lanes of queue items. */
  private readonly of = new Map<string, number>();

  constructor(private readonly journey: Journey) {
    this.hops = (journey.hops ?? []).toSorted((a, b) => when(a.opened) - when(b.opened));
    this.end = journey.open ? Math.max(Date.now(), when(lastOf(journey))) : when(lastOf(journey));
  }

  private lane(lane: Partial<Lane> & Pick<Lane, 'key' | 'kind'>): number {
    const usual = { name: '', detail: '', count: 1, tone: 'info', end: { kind: 'none' } } as const;
    return this.lanes.push({ ...usual, ...lane }) - 1;
  }

  client() {
    const { client, handed_in: webmail, local_user: user, arrived } = this.journey;
    const name = client?.name && client.name !== 'unknown' ? client.name : '';
    const from = webmail?.program ?? (name || client?.address || user);
    if (!from) return;
    const lane = this.lane({
      key: 'client',
      kind: 'client',
      name: from,
      detail: (name || webmail ? (webmail?.client?.address ?? client?.address) : '') ?? '',
    });
    const at = webmail ? when(webmail.at) : when(arrived);
    this.marks.push({ lane, at, tone: 'info', kind: 'message.started' });
    this.of.set('client', lane);
  }

  hop(hop: Hop) {
    const opened = when(hop.opened);
    const through = this.filter(hop);
    const closed = hop.closed ? when(hop.closed) : this.end;
    const state = hop.closed ? hop.state : hop.state === 'held' ? 'held' : 'queued';
    const ended: Tone = /held|queued|receiving/.test(state)
      ? 'wait'
      : /deleted|discarded|aborted|rejected/.test(state)
        ? 'bad'
        : 'info';
    const lane = this.lane({
      key: hop.item,
      kind: 'queue',
      name: hop.host ?? '',
      detail: hop.queue_id,
      tone: ended,
      end: { kind: 'spent', ms: closed - opened, state },
    });
    this.of.set(hop.item, lane);
    this.bars.push({ lane, from: opened, until: closed, tone: 'info', isWait: false });
    this.waiting(hop, lane, closed);
    const from = through ?? this.of.get(hop.came_by?.from ?? '') ?? this.before(hop);
    if (from !== undefined) this.steps.push({ from, to: lane, at: opened, tone: 'info' });
    for (const verdict of hop.verdicts ?? []) {
      if (verdict.took_ms === undefined || !this.isLeftBy(hop)) this.judged(lane, verdict);
    }
    for (const it of hop.decisions ?? []) {
      const isBad = /rejected|discarded/.test(it.kind);
      const isWait = /held/.test(it.kind) || it.action === 'greylist';
      if (isBad || isWait)
        this.marks.push({ lane, at: when(it.at), tone: isBad ? 'bad' : 'wait', kind: it.kind });
    }
  }

  /** Where a hop came from that no line tells: the one before it, or the client. */
  private before(hop: Hop): number | undefined {
    const at = this.hops.indexOf(hop);
    return this.of.get(at > 0 ? this.hops[at - 1]!.item : 'client');
  }

  private judged(lane: number, verdict: Verdict) {
    const tone: Tone = verdict.passed ? 'info' : 'bad';
    this.marks.push({ lane, at: when(verdict.at), tone, kind: 'filter.verdict' });
  }

  /** Whether a filter that tells how long it took gave the message back as another hop. */
  private isLeftBy(hop: Hop): boolean {
    return this.hops.some((it) => it.came_by?.kind === 'filter' && it.came_by.from === hop.item);
  }

  /** The lane of the filter that a hop came through, where it tells how long it took. */
  private filter(hop: Hop): number | undefined {
    if (hop.came_by?.kind !== 'filter') return undefined;
    const before = this.hops.find((it) => it.item === hop.came_by?.from);
    const verdict = before?.verdicts?.find((it) => it.took_ms !== undefined);
    const from = this.of.get(hop.came_by.from);
    if (!before || !verdict || from === undefined) return undefined;
    const until = when(verdict.at);
    const began = Math.max(until - verdict.took_ms!, when(before.opened));
    const lane = this.lane({
      key: `filter ${before.item}`,
      kind: 'filter',
      name: verdict.program,
      detail: before.host ?? '',
      tone: verdict.passed ? 'info' : 'bad',
      end: { kind: 'verdict', verdict },
    });
    this.bars.push({
      lane,
      from: began,
      until,
      tone: verdict.passed ? 'info' : 'bad',
      isWait: false,
    });
    this.steps.push({ from, to: lane, at: began, tone: 'info' });
    return lane;
  }

  /** Between attempts a message waits in its queue. */
  private waiting(hop: Hop, lane: number, closed: number) {
    const attempts = this.attempts().filter((it) => it.item === hop.item);
    const events = hop.events ?? [];
    for (const it of attempts.filter((it) => it.kind === 'delivery.deferred'))
      this.wait(
        lane,
        it.at,
        attempts.filter((other) => other.rcpt_to === it.rcpt_to),
        closed,
      );
    const held = [...events, ...(hop.decisions ?? [])].filter((it) => it.kind === 'message.held');
    const released = events.filter((it) => it.kind === 'message.released');
    for (const it of held) this.wait(lane, it.at, [...attempts, ...released], closed);
  }

  /** From a moment up to the next of those that end the waiting. */
  private wait(lane: number, since: string, later: { at: string }[], closed: number) {
    const from = when(since);
    const next = later.map((it) => when(it.at)).filter((at) => at > from);
    const until = Math.min(closed, ...next);
    if (until - from > 1_000) this.bars.push({ lane, from, until, tone: 'wait', isWait: true });
  }

  private attempts(): Attempt[] {
    const all = (this.journey.recipients ?? []).flatMap((it) => it.attempts ?? []);
    return all.toSorted((a, b) => when(a.at) - when(b.at));
  }

  /** Servers beyond ours; those with trouble first, where there is no room for all. */
  servers() {
    const outside = this.attempts().filter((it) => it.agent === 'smtp' && !it.next);
    const groups = new Map<string, Attempt[]>();
    for (const it of outside) {
      const name = it.relay?.name ?? it.relay?.address ?? '';
      groups.set(name, [...(groups.get(name) ?? []), it]);
    }
    const all = [...groups.entries()].filter(([name]) => name !== '');
    const trouble = (of: Attempt[]) => (of.some((it) => attemptTone(it) !== 'good') ? 0 : 1);
    all.sort(([, a], [, b]) => trouble(a) - trouble(b));
    const shown = all.length > SERVERS_MAX ? all.slice(0, SERVERS_MAX - 1) : all;
    for (const [name, attempts] of shown) this.server('server', name, attempts, 1);
    const rest = all.slice(shown.length);
    if (rest.length)
      this.server(
        'servers',
        '',
        rest.flatMap(([, it]) => it),
        rest.length,
      );
    for (const it of groups.get('') ?? []) {
      const lane = this.of.get(it.item);
      if (lane !== undefined)
        this.marks.push({ lane, at: when(it.at), tone: attemptTone(it), kind: it.kind });
    }
  }

  private server(kind: LaneKind, name: string, attempts: Attempt[], count: number) {
    const last = attempts.at(-1)!;
    const failed =
      attemptTone(last) === 'good' ? [] : attempts.filter((it) => attemptTone(it) !== 'good');
    const lane = this.lane({
      key: `${kind} ${name}`,
      kind,
      name,
      count,
      detail: count === 1 && last.relay?.address !== name ? (last.relay?.address ?? '') : '',
      tone: worst(attempts.map(attemptTone)),
      end: { kind: 'attempt', attempt: telling(failed) ?? last, count: attempts.length },
    });
    for (const it of attempts) this.attempt(lane, it);
  }

  private attempt(lane: number, it: Attempt) {
    const at = when(it.at);
    // What a server tells of its delays may begin before its message came.
    const hop = this.hops.find((hop) => hop.item === it.item);
    const began = Math.max(at - contact(it), Math.min(at, hop ? when(hop.opened) : 0));
    const tone = attemptTone(it);
    const from = this.of.get(it.item);
    if (from !== undefined) this.steps.push({ from, to: lane, at: began, tone });
    this.bars.push({ lane, from: began, until: at, tone, isWait: false });
    this.marks.push({ lane, at, tone, kind: it.kind });
  }

  /** Mailboxes of ours, and what was done in them. */
  mailboxes() {
    const all = (this.journey.recipients ?? []).filter(hasMailbox);
    const rank = (it: Recipient) => ['bad', 'wait', 'info', 'good'].indexOf(tone(it.outcome));
    const sorted = all.toSorted((a, b) => rank(a) - rank(b));
    const shown = all.length > MAILBOXES_MAX ? sorted.slice(0, MAILBOXES_MAX - 1) : sorted;
    for (const it of shown) this.mailbox('mailbox', it.rcpt_to, [it]);
    const rest = sorted.slice(shown.length);
    if (rest.length) this.mailbox('mailboxes', '', rest);
  }

  private mailbox(kind: LaneKind, name: string, of: Recipient[]) {
    const saved = of.flatMap((it) => it.mailbox ?? []);
    const after = of.flatMap((it) => it.afterwards ?? []);
    const local = of.flatMap((it) => (it.attempts ?? []).filter((at) => at.agent !== 'smtp'));
    const lane = this.lane({
      key: `${kind} ${name}`,
      kind,
      name,
      count: of.length,
      tone: after.some(isRemoved) ? 'wait' : worst(of.map((it) => tone(it.outcome))),
      end: this.endOfMailbox(local, saved, after),
    });
    for (const it of local) this.attempt(lane, it);
    for (const it of [...saved, ...after])
      this.marks.push({ lane, at: when(it.at), tone: entryTone(it.kind), kind: it.kind });
  }

  private endOfMailbox(local: Attempt[], saved: MailboxEntry[], after: MailboxEntry[]): End {
    const entry = after.at(-1) ?? saved.at(-1);
    const failed = local.filter((it) => attemptTone(it) !== 'good');
    const isOver = failed.includes(local.at(-1)!) && !after.length;
    const attempt = isOver ? telling(failed) : entry ? undefined : local.at(-1);
    return attempt
      ? { kind: 'attempt', attempt, count: local.length }
      : { kind: 'mailbox', entry, all: after };
  }

  done(): Picture {
    const { lanes, bars, marks, steps, end } = this;
    const moments = [
      ...bars.flatMap((it) => [it.from, it.until]),
      ...marks.map((it) => it.at),
      ...steps.map((it) => it.at),
    ];
    const times = [...new Set(moments.map(Math.round))].sort((a, b) => a - b);
    const start = times[0] ?? end;
    const x = scale(times);
    const gaps = times.slice(1).map((until, at) => ({ from: times[at]!, until }));
    const waits = gaps.filter(
      (it) => it.until - it.from >= WAIT_MS && x(it.until) - x(it.from) >= 7,
    );
    return { lanes, bars, marks, steps, start, end, x, waits, ticks: ticks(times, x) };
  }
}

function hasMailbox(it: Recipient): boolean {
  const isLocal = (it.attempts ?? []).some((at) => at.agent !== 'smtp' && at.agent !== 'error');
  return isLocal || !!it.mailbox?.length || !!it.afterwards?.length;
}

/** How long the other side was talked to, in milliseconds. */
function contact(it: Attempt): number {
  const [, , connect = 0, transmit = 0] = it.stages_ms ?? [];
  return connect + transmit;
}

function attemptTone(it: Attempt): Tone {
  if (it.kind === 'delivery.deferred' || it.kind === 'delivery.attempt_failed') return 'wait';
  if (/bounced|expired|discarded/.test(it.kind)) return 'bad';
  return it.kind === 'delivery.probed' ? 'info' : 'good';
}

/** Whether a reason is told by it. */
export function labelled(it: Attempt): boolean {
  return attemptTone(it) !== 'good' && reasonOf(it) !== 'unknown';
}

/** Whether it was deleted, not moved. */
function isRemoved(entry: MailboxEntry, _: number, all: MailboxEntry[]): boolean {
  return entryTone(entry.kind) === 'wait' && movedTo(entry, all) === undefined;
}

export function entryTone(kind: string): Tone {
  if (kind === 'mailbox.saved') return 'good';
  if (/failed|discarded|rejected/.test(kind)) return 'bad';
  return /deleted|expunged/.test(kind) ? 'wait' : 'info';
}

function worst(tones: Tone[]): Tone {
  return (['bad', 'wait', 'good'] as const).find((it) => tones.includes(it)) ?? 'info';
}

/** From moments to hundredths of the width. */
function scale(times: number[]): (at: number) => number {
  const width = (ms: number) => 1 + Math.log2(1 + ms / 30);
  const places = [0];
  for (let at = 1; at < times.length; at += 1)
    places.push(places[at - 1]! + width(times[at]! - times[at - 1]!));
  const whole = places.at(-1) || 1;
  const known = new Map(times.map((time, at) => [time, (100 * places[at]!) / whole]));
  return (at) => known.get(Math.round(at)) ?? 0;
}

function ticks(times: number[], x: (at: number) => number): number[] {
  const chosen: number[] = [];
  for (const time of times) {
    const last = chosen.at(-1);
    // The name of what is at the right end stands before it.
    const apart = x(time) > LATE ? 2 * TICK_APART : TICK_APART;
    if (last === undefined || x(time) - x(last) >= apart) chosen.push(time);
  }
  return chosen;
}
