// The most frequent values of columns.

import { api } from '../api/client';

export interface FacetValue {
  /** Absent for rows that have none. */
  value?: string | null;
  rows: number;
}

interface Asked {
  q: string;
  /** Columns, separated by commas. */
  by: string;
  top: number;
  range: string;
  zone?: string;
}

/** Values of each column that rows of a question have, the most frequent first. */
export async function facets(
  query: Asked,
  signal: AbortSignal,
): Promise<Map<string, FacetValue[]>> {
  const answer = await api.get('/api/v1/facets', { query, signal });
  return new Map(answer.map((it) => [it.column, it.values as FacetValue[]]));
}
