// Rows of a question, a page after the other.

import { api, Problem, type Row } from '../../api/client';
import { RETRY_MS } from '../../lib/resource.svelte';

const FIRST = 100;
const LATER = 300;

export class Pages {
  rows = $state.raw<Row[]>([]);
  problem = $state.raw<Problem>();
  isLoading = $state(false);
  /** Whether an answer has come to the question that is asked now. */
  isAnswered = $state(false);
  /** Where those behind begin; `undefined` at the end. */
  #next: string | undefined;
  #question: { q: string; range: string; zone: string } = { q: '', range: '', zone: '' };
  #abort = new AbortController();

  get isAtEnd(): boolean {
    return this.isAnswered && this.#next === undefined;
  }

  /** Asks anew; the rows from before stay until there are others. */
  ask(question: { q: string; range: string; zone: string }) {
    this.stop();
    this.#question = question;
    this.#next = undefined;
    this.isAnswered = false;
    void this.#load();
  }

  /** The next page, unless one is on its way, there is none, or it went wrong. */
  more() {
    if (!this.isLoading && this.isAnswered && this.#next && !this.problem) void this.#load();
  }

  again() {
    if (!this.isLoading) void this.#load();
  }

  stop() {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #load() {
    const { signal } = this.#abort;
    const isFirst = !this.isAnswered;
    this.isLoading = true;
    try {
      const query = {
        ...this.#question,
        limit: isFirst ? FIRST : LATER,
        after: this.#next ?? null,
      };
      const page = await api.get('/api/v1/rows', { query, signal });
      if (signal.aborted) return;
      this.rows = isFirst ? page.rows : [...this.rows, ...page.rows];
      this.#next = page.next ?? undefined;
      this.isAnswered = true;
      this.problem = undefined;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      if (error.isPassing) this.#tryAgain(error, signal);
    } finally {
      if (!signal.aborted) this.isLoading = false;
    }
  }

  /** Asks again in a while, and when the browser is connected again. */
  #tryAgain(error: Problem, signal: AbortSignal) {
    const again = () => signal.aborted || this.again();
    const wait = setTimeout(again, (error.retryAfter ?? 0) * 1_000 || RETRY_MS);
    signal.addEventListener('abort', () => clearTimeout(wait));
    addEventListener('online', again, { signal, once: true });
  }
}
