// Rows as they come, by server-sent events that go on where the connection broke.

import { Problem, problem, send, url } from './client';

export type TailState = 'connecting' | 'open' | 'lost';

export interface TailListener {
  /** Rows in the order in which they came, as many as arrived together; each as JSON, since not all may be read. */
  rows(rows: string[]): void;
  /** Rows came faster than they were taken; some are not given. */
  missed(): void;
  /** The connection; with the problem where there is one. It is tried again, unless it cannot help. */
  state(state: TailState, problem?: Problem): void;
}

/** So long the browser may do nothing but take rows. */
const BUSY_MS_MAX = 12;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;

/** Follows the rows that a question wants until it is told to stop. */
export function tail(q: string, listener: TailListener): () => void {
  const abort = new AbortController();
  let last = '';
  let wait = RETRY_MS_MIN;

  async function follow() {
    const headers: HeadersInit = last ? { 'last-event-id': last } : {};
    const response = await send(url('/api/v1/tail', {}, { q }), { headers, signal: abort.signal });
    if (!response.ok || !response.body) throw await problem(response);
    listener.state('open');
    wait = RETRY_MS_MIN;
    const events = new Events();
    let begun = performance.now();
    for await (const bytes of read(response.body)) {
      // What waits is read without a stop: keys and frames have their turn in between.
      if (performance.now() - begun > BUSY_MS_MAX) {
        await new Promise((done) => setTimeout(done));
        begun = performance.now();
      }
      const rows: string[] = [];
      for (const block of events.whole(bytes)) {
        if (field(block, 'event')[0] === 'missed') listener.missed();
        else rows.push(...field(block, 'data'));
        last = field(block, 'id')[0] ?? last;
      }
      if (rows.length > 0) listener.rows(rows);
    }
  }

  async function keepFollowing() {
    while (!abort.signal.aborted) {
      listener.state('connecting');
      let trouble = new Problem(0, '');
      try {
        await follow();
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof Problem) trouble = error;
      }
      listener.state('lost', trouble);
      if (!trouble.isPassing) return;
      await new Promise((done) => setTimeout(done, (trouble.retryAfter ?? 0) * 1000 || wait));
      wait = Math.min(wait * 2, RETRY_MS_MAX);
    }
  }

  void keepFollowing();
  return () => abort.abort();
}

async function* read(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

/** Events of a stream that comes in pieces. */
class Events {
  #decoder = new TextDecoder();
  #rest = '';

  /** Those that are whole now. */
  whole(bytes: Uint8Array): string[] {
    const blocks = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks;
  }
}

/** The value of a field of an event, where it has it. */
function field(block: string, name: string): string[] {
  const start = block.startsWith(`${name}:`) ? 0 : block.indexOf(`\n${name}:`) + 1;
  if (start === 0 && !block.startsWith(`${name}:`)) return [];
  const end = block.indexOf('\n', start);
  return [block.slice(start + name.length + 1, end < 0 ? undefined : end).trimStart()];
}
