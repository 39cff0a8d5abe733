// The words of questions, asked for once.

import { api, type Schema } from '../api/client';

let asked: Promise<Schema['Words']> | undefined;

/** Fields, kinds and columns. */
export function fields(): Promise<Schema['Words']> {
  asked ??= api.get('/api/v1/fields').catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}
