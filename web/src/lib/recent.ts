// Questions that were asked in this browser, the latest first.

const KEY = 'waybill.recent';
const KEPT_MAX = 8;

export function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((it) => typeof it === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(q: string) {
  if (q === '') return;
  const kept = [q, ...recent().filter((it) => it !== q)].slice(0, KEPT_MAX);
  localStorage.setItem(KEY, JSON.stringify(kept));
}

/** For whoever comes next at this browser. */
export function forget() {
  localStorage.removeItem(KEY);
}
