// What is asked of the API about how an account was used.

import { api, type Schema } from '../../api/client';
import { facets } from '../../lib/facets';
import { COUNTED, ofAccount } from './questions';

/** Addresses whose failures are counted. */
const ADDRESSES_MAX = 1_000;

/** How an account was used, with each failed login counted once. */
export async function asked(
  account: string,
  range: string,
  zone: string,
  signal: AbortSignal,
): Promise<Schema['Story']> {
  const q = `${ofAccount(account)} ${COUNTED.failed}`;
  const [story, counted] = await Promise.all([
    api.get('/api/v1/accounts/{account}', { path: { account }, query: { range, zone }, signal }),
    facets({ q, range, zone, by: 'client_address', top: ADDRESSES_MAX }, signal),
  ]);
  const values = counted.get('client_address') ?? [];
  const failures = new Map(values.map((it) => [it.value, it.rows]));
  const addresses = story.addresses.map((it) => ({
    ...it,
    failures: failures.get(it.address) ?? 0,
  }));
  return { ...story, addresses };
}
