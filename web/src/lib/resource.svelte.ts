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

/** Tries again what failed for a passing reason: after a while, or once there is a network again. */
export function whenPassed(problem: Problem, again: () => void, signal: AbortSignal) {
  if (!problem.isPassing) return;
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const run = () => {
    done.abort();
    again();
  };
  const timer = setTimeout(run, (problem.retryAfter ?? 0) * 1000 || RETRY_MS);
  until.addEventListener('abort', () => clearTimeout(timer));
  addEventListener('online', run, { signal: until });
}

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
        whenPassed(error, () => resource.reload(), abort.signal);
      },
    );
    return () => abort.abort();
  });
  return resource;
}
