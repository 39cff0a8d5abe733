// Names of customers.

import { api } from '../../api/client';

const names = new Map<number, Promise<string>>();

/** The name of a customer; its number where there is no name to know. */
export function customerName(id: number): Promise<string> {
  let name = names.get(id);
  if (!name) {
    name = api.get('/api/v1/customers/{id}', { path: { id } }).then(
      (it) => it.name,
      () => String(id),
    );
    names.set(id, name);
  }
  return name;
}

/** A name was changed. */
export function forgetNames() {
  names.clear();
}
