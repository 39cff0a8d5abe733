// Which columns a list of rows has: some are made of several, the others are the archive's.

export const USUAL = ['at', 'kind', 'who', 'told'];

/** Width of a column in a grid. */
const WIDTHS: Record<string, string> = {
  at: '122px',
  kind: '152px',
  who: 'minmax(200px, 1.3fr)',
  told: 'minmax(160px, 2fr)',
};

export function grid(columns: string[]): string {
  return columns.map((it) => WIDTHS[it] ?? 'minmax(90px, 1fr)').join(' ');
}

/** As they stand in a link; empty for the usual ones. */
export function write(columns: string[]): string {
  return columns.join() === USUAL.join() ? '' : columns.join();
}

export function read(text: string | null): string[] {
  const named = (text ?? '').split(',').filter((it) => /^[a-z_]+$/.test(it));
  return named.length > 0 ? named : USUAL;
}
