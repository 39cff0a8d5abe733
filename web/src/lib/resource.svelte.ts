// What was asked of the API, as it comes.

import { untrack } from 'svelte';
import { Problem } from '../api/client';
import { session } from './session.svelte';

/** An answer, kept while the next one is on its way. */
export class Resource<T> {
  data = $state.raw<T>();
  problem = $state.raw<Problem>();
  isLoading = $state(false);
  #turn = $state(0);

  /** Asks anew. */
  reload() {
    this.#turn += 1;
  }

  get turn() {
    return this.#turn;
  }
}

/** So long until what failed for a passing reason is tried again. */
export const RETRY_MS = 5_000;

/**
 * Asks whenever something changes that `ask` reads before its first `await`, and gives up what was
 * asked before. Where `ask` gives `undefined`, nothing is asked and nothing is there.
 *
 * Call it while a component is set up: `const rows = resource((signal) => api.get(..., { signal }))`.
 */
export function resource<T>(ask: (signal: AbortSignal) => Promise<T> | undefined): Resource<T> {
  const resource = new Resource<T>();
  $effect(() => {
    void resource.turn;
    void session.turn;
    const abort = new AbortController();
    const promise = ask(abort.signal);
    let retry: ReturnType<typeof setTimeout> | undefined;
    const again = () => resource.reload();
    untrack(() => {
      resource.isLoading = promise !== undefined;
      if (!promise) {
        resource.data = undefined;
        resource.problem = undefined;
      }
    });
    promise?.then(
      (data) => {
        if (abort.signal.aborted) return;
        resource.data = data;
        resource.problem = undefined;
        resource.isLoading = false;
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        resource.isLoading = false;
        if (!(error instanceof Problem)) throw error;
        resource.problem = error;
        if (!error.isPassing) return;
        retry = setTimeout(again, (error.retryAfter ?? 0) * 1000 || RETRY_MS);
        addEventListener('online', again, { signal: abort.signal, once: true });
      },
    );
    return () => {
      abort.abort();
      clearTimeout(retry);
    };
  });
  return resource;
}
