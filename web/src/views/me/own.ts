// Requests that show a password or code beside the session.

import { problem, send } from '../../api/client';

/** Sends one; 401 is about what is shown then, and the session goes on. */
export async function show(
  method: 'PUT' | 'POST',
  path: `/api/v1/me/${string}`,
  body: unknown,
): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await send(path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw await problem(response, false);
  return response.status === 204 ? undefined : response.json();
}
