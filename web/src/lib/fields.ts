// The words of questions, asked for once.

import { api, type Schema } from '../api/client';
import { fields as italian } from '../words/fields';
import { preferences } from './preferences.svelte';

let asked: Promise<Schema['Words']> | undefined;

/** Fields, kinds and columns. */
export function fields(): Promise<Schema['Words']> {
  asked ??= api.get('/api/v1/fields').catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** What a field is, in the reader's language; the API has it in English. */
export function fieldDoc(field: Schema['FieldWords']): string {
  return (preferences.language === 'it' && italian[field.names[0] ?? '']) || field.doc;
}
