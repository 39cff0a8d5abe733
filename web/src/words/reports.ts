// Words of reports. Those of figures are in mails too: crates/schedules/src/language.rs.

import { both } from '../lib/words';
import causesOf from './causes.json';
import figures from './reports.json';

export const reports = both({
  en: {
    ...figures.en,
    noRange: (range: string) =>
      `A report needs a time with beginning and end; “${range}” has none.`,
    compared: (from: string, until: string) => `compared with ${from} – ${until}`,
    beforeMissing: (first: string) =>
      `There are no logs before ${first}: the figures of before are not whole.`,
    nowMissing: (first: string) => `There are no logs before ${first}.`,
    gap: (from: string, until: string) => `Nothing was logged from ${from} to ${until}.`,
  },
  it: {
    ...figures.it,
    noRange: (range: string) =>
      `Un rapporto vuole un periodo con inizio e fine; «${range}» non li ha.`,
    compared: (from: string, until: string) => `confrontato con ${from} – ${until}`,
    beforeMissing: (first: string) =>
      `Prima di ${first} non ci sono log: le cifre di prima non sono intere.`,
    nowMissing: (first: string) => `Prima di ${first} non ci sono log.`,
    gap: (from: string, until: string) => `Da ${from} a ${until} non c’è nulla nei log.`,
  },
});

/** What enhanced status codes mean, whatever their class. Source: RFC 3463 §3, and the registry of RFC 5248. */
export const causes = both(causesOf);
