// Words in the reader's language.

import { preferences } from './preferences.svelte';

type Word = string | ((...values: never[]) => string);
type Same<T> = { [K in keyof T]: T[K] extends string ? string : T[K] };

/** The words of an area in both languages, of which each has the same. */
export function both<T extends Record<string, Word>>(all: { en: T; it: Same<NoInfer<T>> }) {
  return all;
}

/** Those of the reader's language: `const w = $derived(words(search))`. */
export function words<T extends Record<string, Word>>(all: { en: T; it: Same<T> }): Same<T> {
  return preferences.language === 'it' ? all.it : (all.en as Same<T>);
}
