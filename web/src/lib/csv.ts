// Tables for spreadsheets.

export type Cell = string | number | null | undefined;

/**
 * CSV (RFC 4180) with a byte order mark, so that Excel reads UTF-8. A text that a spreadsheet would
 * take for a formula gets an apostrophe in front: it may be from a log, and so from anybody.
 */
export function csv(rows: Cell[][]): string {
  return '\ufeff' + rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
}

function cell(value: Cell): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[\s\u0000-\u0020]*[=+\-@\t\r\n|%]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Has the browser keep a text as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8') {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  // Browsers begin to read it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
