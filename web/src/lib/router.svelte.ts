// Where one is: paths are real links, and the query string holds a view's state.

class Here {
  path = $state(location.pathname);
  search = $state(location.search);
  hash = $state(location.hash);
  query = $derived(new URLSearchParams(this.search));

  /** Takes over what the browser's address says. */
  read() {
    this.path = location.pathname;
    this.search = location.search;
    this.hash = location.hash;
  }
}

export const here = new Here();

addEventListener('popstate', () => here.read());

type Query = Record<string, string | number | null | undefined>;

/** A link with those values of the query that are not empty. */
export function link(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value != null && value !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** Goes to a place of the page; `replace` leaves no step to go back to. */
export function go(to: string, { replace = false } = {}) {
  if (replace) history.replaceState(history.state, '', to);
  else history.pushState(null, '', to);
  const changed = location.pathname !== here.path;
  here.read();
  if (changed) scrollTo(0, 0);
}

/** A place of the page, whatever an address says; what leads elsewhere is the first page. */
export function onSite(to: string): string {
  const wanted = URL.canParse(to, location.origin) ? new URL(to, location.origin) : undefined;
  if (wanted?.origin !== location.origin || wanted.pathname.startsWith('//')) return '/';
  return wanted.pathname + wanted.search + wanted.hash;
}

/** Changes values of the query and keeps the others; empty ones go. */
export function setQuery(changes: Query, { replace = false } = {}) {
  const query = Object.fromEntries(new URLSearchParams(location.search));
  go(link(location.pathname, { ...query, ...changes }), { replace });
}

/** Follows links of the page without loading it anew; those with modifier keys are the browser's. */
export function follow(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = event.target instanceof Element ? event.target.closest('a') : null;
  if (!anchor || anchor.target || anchor.hasAttribute('download')) return;
  if (anchor.origin !== location.origin || anchor.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(anchor.pathname + anchor.search + anchor.hash);
}

/** The page of a message, by its Message-ID or a queue id. */
export function toMessage(what: string): string {
  return `/message/${encodeURIComponent(what)}`;
}

/** The page of an account. */
export function toAccount(address: string, range = ''): string {
  return link(`/account/${encodeURIComponent(address)}`, { range });
}

/** The search for a question. */
export function toSearch(q: string, range = ''): string {
  return link('/search', { q, range });
}
