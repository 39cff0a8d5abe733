// Sums of what was done, in words.

import { list, number } from '../../lib/format';
import { words } from '../../lib/words';
import { account } from '../../words/account';
import type { Used } from './unusual';

/** 1 login, 64 messages sent and 5 deleted */
export function didWords(used: Used): string {
  const w = words(account);
  const counted: [number, (n: number, text: string) => string][] = [
    [used.logins, w.didLogins],
    [used.sent, w.didSent],
    [used.fetched, w.didFetched],
    [used.deleted, w.didDeleted],
  ];
  const said = counted.filter(([n]) => n > 0).map(([n, word]) => word(n, number(n)));
  return said.length ? list(said) : w.didNothing;
}
