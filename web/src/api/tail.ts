// Rows as they come, by server-sent events that go on where the connection broke.

import { Problem, problem, send, url, type Row } from './client';

export type TailState = 'connecting' | 'open' | 'lost';

export interface TailListener {
  /** Rows in the order in which they came, as many as arrived together. */
  rows(rows: Row[]): void;
  /** Rows came faster than they were taken; some are not given. */
  missed(): void;
  /** The connection; with the problem where there is one. It is tried again, unless it cannot help. */
  state(state: TailState, problem?: Problem): void;
}

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
    const lines = new Lines();
    for await (const bytes of read(response.body)) {
      const rows: Row[] = [];
      for (const event of lines.events(bytes)) {
        if (event.name === 'missed') listener.missed();
        else if (event.data) rows.push(JSON.parse(event.data) as Row);
        if (event.id) last = event.id;
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

interface ServerEvent {
  name: string;
  id: string;
  data: string;
}

/** Events of a stream that comes in pieces. */
class Lines {
  #decoder = new TextDecoder();
  #rest = '';

  events(bytes: Uint8Array): ServerEvent[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(event).filter((it) => it.data !== '');
  }
}

function event(block: string): ServerEvent {
  const event: ServerEvent = { name: 'message', id: '', data: '' };
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') event.data += event.data ? `\n${value}` : value;
    else if (field === 'id') event.id = value;
    else if (field === 'event') event.name = value;
  }
  return event;
}
