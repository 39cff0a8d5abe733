// The API of the daemon, with the types of its own description.

import type { components, paths } from './schema';

export type Schema = components['schemas'];
export type Row = Schema['Row'];

interface Details {
  detail?: string;
  title?: string;
  hint?: string;
  at?: number[];
  wants?: string;
  value?: string | undefined;
  retryAfter?: number | undefined;
}

/** Why there is no answer: problem details (RFC 9457), or no connection (`status` 0). */
export class Problem extends Error {
  readonly status: number;
  /** The value that it is about, where one is named: `q`. */
  readonly value: string | undefined;
  readonly hint: string | undefined;
  /** Which bytes of the question it is about: from and until. */
  readonly at: [number, number] | undefined;
  /** Seconds after which it may go well. */
  readonly retryAfter: number | undefined;
  /** What is wanted beside: `code`, that of the second factor. */
  readonly wants: string | undefined;

  constructor(status: number, detail: string, more: Details = {}) {
    super(detail);
    this.status = status;
    this.value = more.value;
    this.hint = more.hint;
    this.at = more.at?.length === 2 ? [more.at[0]!, more.at[1]!] : undefined;
    this.retryAfter = more.retryAfter;
    this.wants = more.wants;
  }

  get isOffline() {
    return this.status === 0;
  }

  /** Whether it may go well later, without anything being changed. */
  get isPassing() {
    return [0, 429, 502, 503].includes(this.status);
  }
}

type Method = 'get' | 'put' | 'post' | 'delete';
type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];
type Operation<M extends Method, P extends PathOf<M>> =
  paths[P] extends Record<M, infer O> ? O : never;

type Of<T, K extends string> = T extends { [X in K]?: infer V } ? NonNullable<V> : never;
type Body<O> = Of<Of<O, 'requestBody'>, 'content'> extends Record<string, infer B> ? B : undefined;
type PathParams<O> = Of<Of<O, 'parameters'>, 'path'>;
type Query<O> = Of<Of<O, 'parameters'>, 'query'>;
type Given<R> = { [S in 200 | 201 | 202]: S extends keyof R ? R[S] : never }[200 | 201 | 202];
type Answer<O> =
  Given<Of<O, 'responses'>> extends { content: infer C }
    ? 'application/json' extends keyof C
      ? C['application/json']
      : string
    : undefined;

export type Options<O> = {
  /** What stands in the path instead of `{...}`. */
  path?: PathParams<O>;
  /** What stands behind the `?`; empty values are left out. */
  query?: { [K in keyof Query<O>]?: Query<O>[K] | null };
  body?: Body<O>;
  signal?: AbortSignal | undefined;
};

/** Told when a request was somebody's who is not known any more. */
let expired: () => void = () => {};

export function onExpired(tell: () => void) {
  expired = tell;
}

/** Where a request goes. */
export function url(
  path: string,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const pairs = Object.entries(query).filter(
    ([, value]) => value != null && value !== '' && value !== false,
  );
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${filled}?${text}` : filled;
}

async function ask<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  options: Options<Operation<M, P>> = {},
): Promise<Answer<Operation<M, P>>> {
  const to = url(path, options.path ?? {}, options.query ?? {});
  const init: RequestInit = { method: method.toUpperCase(), signal: options.signal ?? null };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { 'content-type': 'application/json' };
  }
  const response = await send(to, init);
  const isLogin = method === 'post' && path === '/api/v1/session';
  if (!response.ok) throw await problem(response, !isLogin);
  const kind = response.headers.get('content-type') ?? '';
  const answer: unknown = kind.startsWith('application/json')
    ? await response.json()
    : await response.text();
  return answer as Answer<Operation<M, P>>;
}

/** Sends a request; a connection that fails is a `Problem` of status 0. */
export async function send(to: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(to, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '');
  }
}

/** What a response that is not good tells. */
export async function problem(response: Response, tellExpired = true): Promise<Problem> {
  if (response.status === 401 && tellExpired) expired();
  const details: Details = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  const told = details.detail || details.title || response.statusText || String(response.status);
  // People asked one question, and no parameter.
  const message = told.replace(/^`q`: /, '');
  const value = /^`(\w+)`: /.exec(told)?.[1];
  return new Problem(response.status, message, { ...details, value, retryAfter });
}

/** `api.get('/api/v1/rows', { query: { q: 'status:bounced' }, signal })` */
export const api = {
  get: <P extends PathOf<'get'>>(path: P, options?: Options<Operation<'get', P>>) =>
    ask('get', path, options),
  put: <P extends PathOf<'put'>>(path: P, options?: Options<Operation<'put', P>>) =>
    ask('put', path, options),
  post: <P extends PathOf<'post'>>(path: P, options?: Options<Operation<'post', P>>) =>
    ask('post', path, options),
  remove: <P extends PathOf<'delete'>>(path: P, options?: Options<Operation<'delete', P>>) =>
    ask('delete', path, options),
};

/** Rows of a question in SQL. */
export async function sql<T = Record<string, unknown>>(
  query: string,
  signal?: AbortSignal,
): Promise<T[]> {
  const text = await api.post('/api/v1/sql', { body: { query, format: 'json' }, signal });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
