// Texts of questions in SQL.

export interface Place {
  line: number;
  column: number;
  /** That line. */
  text: string;
  /** The characters of the whole question that it is about. */
  from: number;
  until: number;
}

/** Where in a question the engine's problem is, if it tells: `... at Line: 1, Column: 56`. */
export function place(problem: string, query: string): Place | undefined {
  const found = /Line: (\d+), Column:? (\d+)/.exec(problem);
  if (!found) return undefined;
  const [line, column] = [Number(found[1]), Number(found[2])];
  const lines = query.split('\n');
  const text = lines[line - 1];
  if (text === undefined || column < 1) return undefined;
  const before = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0);
  const word = /^\w+/.exec(text.slice(column - 1))?.[0].length ?? 1;
  const from = before + column - 1;
  return { line, column, text, from, until: Math.min(from + word, query.length) };
}

export const EXAMPLES = [
  ['exampleKinds', 'select kind, count(*) as rows\nfrom events\ngroup by kind\norder by rows desc'],
  [
    'exampleHours',
    `select date_bin(interval '1 hour', at) as hour, kind, count(*) as rows
from events
where kind like 'delivery.%' and at >= now() - interval '1 day'
group by hour, kind
order by hour, kind`,
  ],
  [
    'exampleSlow',
    `select split_part(rcpt_to, '@', -1) as domain, count(*) as rows,
  approx_percentile_cont(delay_ms, 0.5) as median_ms,
  approx_percentile_cont(delay_ms, 0.95) as p95_ms
from events
where kind = 'delivery.relayed' and at >= now() - interval '7 days'
group by domain
order by p95_ms desc
limit 20`,
  ],
  [
    'exampleReplies',
    `select enhanced_status, text, count(*) as rows
from events
where kind = 'delivery.bounced'
group by enhanced_status, text
order by rows desc
limit 50`,
  ],
] as const;
