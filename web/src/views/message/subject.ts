// Subjects as people wrote them: logs have them encoded (RFC 2047), Exim with octal numbers for bytes.

const WORD = /=\?([^?\s]+)\?([bqBQ])\?([^?\s]*)\?=/g;

export function subjectOf(written: string): string {
  const whole = octals(written).replace(/\?=\s+=\?/g, '?==?');
  return whole.replace(WORD, (word, charset: string, form: string, text: string) => {
    try {
      const bytes = form.toLowerCase() === 'b' ? base64(text) : quoted(text);
      return new TextDecoder(charset.split('*')[0], { fatal: true }).decode(bytes);
    } catch {
      return word;
    }
  });
}

/** Exim writes a byte that is no printable ASCII as `\342`. */
function octals(text: string): string {
  return text.replace(/(?:\\[0-3][0-7]{2})+/g, (run) => {
    const bytes = run
      .slice(1)
      .split('\\')
      .map((it) => parseInt(it, 8));
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes));
    } catch {
      return run;
    }
  });
}

function base64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
}

function quoted(text: string): Uint8Array<ArrayBuffer> {
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(bytes, (it) => it.charCodeAt(0));
}
