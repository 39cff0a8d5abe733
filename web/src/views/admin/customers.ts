// Names of customers.

import { api } from '../../api/client';
import { session } from '../../lib/session.svelte';
import { pages } from './sending.svelte';

const names = new Map<number, Promise<string>>();
let removed: Promise<Map<number, string>> | undefined;

/** As many as a page may have. */
const SIZE = 1_000;

/** The name of a customer, and whether there is one of this number still. */
export interface Name {
  name: string;
  isGone: boolean;
}

/** The name of a customer; its number where there is no name to know. */
export async function customerName(id: number): Promise<Name> {
  if (session.may('read_audit')) removed ??= whoWent().catch(() => new Map());
  const gone = (await removed)?.get(id);
  if (gone !== undefined) return { name: gone, isGone: true };
  let name = names.get(id);
  if (!name) {
    name = api.get('/api/v1/customers/{id}', { path: { id } }).then(
      (it) => it.name,
      () => String(id),
    );
    names.set(id, name);
  }
  return { name: await name, isGone: false };
}

/** Those who were removed, who cannot be asked for; the audit log has their names. */
async function whoWent(): Promise<Map<number, string>> {
  const query = { action: 'customer.remove', limit: SIZE };
  const { rows } = await pages(
    Infinity,
    (last?: { entry: number }) =>
      api.get('/api/v1/audit', { query: { ...query, before: last?.entry ?? null } }),
    SIZE,
  );
  const named = rows.map(
    (it) => [it.customer ?? 0, String(it.detail.name ?? it.customer)] as const,
  );
  return new Map(named);
}

/** All accounts of a customer, by name. */
export async function accountsOf(id: number, signal: AbortSignal): Promise<string[]> {
  const ask = (after = '') =>
    api.get('/api/v1/customers/{id}/accounts', {
      path: { id },
      query: { after, limit: SIZE },
      signal,
    });
  return (await pages<string>(Infinity, ask, SIZE)).rows;
}

/** A name was changed, or a customer removed. */
export function forgetNames() {
  names.clear();
  removed = undefined;
}
