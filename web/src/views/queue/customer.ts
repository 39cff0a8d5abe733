// What waits of one customer.

import { api, type Schema } from '../../api/client';
import { accountsOf } from '../admin/customers';
import { domainOf, messageKey, ofCustomer, type Queued } from './groups';

type Queue = Schema['Queue'];
interface Asked {
  at: string;
  zone: string;
  limit: number;
}

/** So many domains are asked for one by one; of more, what waits is looked through. */
const NAMES_MAX = 20;

/** The queue with what is this customer's alone. */
export async function queueOf(id: number, asked: Asked, signal: AbortSignal): Promise<Queue> {
  const path = { id };
  const { domain_names } = await api.get('/api/v1/customers/{id}', { path, signal });
  const accounts = await accountsOf(id, signal);
  const isTheirs = ofCustomer(domain_names, accounts);
  const names = [...domain_names, ...accounts.filter((it) => !domain_names.includes(domainOf(it)))];
  const isFew = names.length > 0 && names.length <= NAMES_MAX;
  const ask = (words: string) => api.get('/api/v1/queue', { query: { ...asked, words }, signal });
  const all = await Promise.all((isFew ? names : ['']).map(ask));
  const found = new Map<string, Queued>();
  for (const it of all.flatMap(({ queued }) => queued).filter(isTheirs))
    found.set(`${messageKey(it)} ${it.rcpt_to ?? ''}`, it);
  const left = all.reduce((sum, it) => sum + it.recipients - it.queued.length, 0);
  return {
    at: all[0]!.at,
    recipients: found.size + left,
    queued: [...found.values()],
  };
}
