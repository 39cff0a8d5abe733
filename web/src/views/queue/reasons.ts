// Why something waits, as a group's name.

import { template, type Queued } from './groups';

/** The last reply without what is of one message alone; the state of what was not tried. */
export function reasonWords(it: Queued): string {
  return it.reply ? template(it.reply) : it.state;
}
