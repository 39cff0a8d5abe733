// A question as one asks it elsewhere: link, curl, command line, SQL.

import { preferences } from '../../lib/preferences.svelte';
import { link } from '../../lib/router.svelte';

export interface Question {
  q: string;
  range: string;
  zone: string;
}

/** A link that asks the same in whatever zone it is opened. */
export function asLink(question: Question, more: Record<string, string>): string {
  return (
    location.origin +
    link('/search', { q: question.q, range: question.range, zone: preferences.timeZone, ...more })
  );
}

export function asCurl({ q, range, zone }: Question): string {
  const params = Object.entries({ q, range, zone }).filter(([, value]) => value !== '');
  const data = params.map(
    ([name, value]) => ` \\\n  --data-urlencode ${shell(`${name}=${value}`)}`,
  );
  return `curl -G -H 'Authorization: Bearer wb_key_...' ${shell(`${location.origin}/api/v1/rows`)}${data.join('')}`;
}

export function asCommand({ q, range, zone }: Question): string {
  const options = [range && `--range ${shell(range)}`, `--timezone ${shell(zone)}`].filter(
    (it) => it !== '',
  );
  // What begins with `-` is no option.
  return ['waybill search', ...options, ...(q ? ['--', shell(q)] : [])].join(' ');
}

function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
