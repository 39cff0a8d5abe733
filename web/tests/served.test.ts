// How the page is served, and how much of it comes first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, missing, world } from './harness.ts';

/** Bytes of the first load on the wire, answers of the API and all. */
const FIRST_LOAD_MAX = 200_000;

// Vite serves in its own way.
const skip =
  missing() ?? (process.env.WAYBILL_PREVIEW ? 'the page is not the daemon’s' : undefined);

test('the page keeps strangers out, is kept by browsers, and comes small', { skip }, async () => {
  const { url } = await world();
  const index = await fetch(url, { headers: { 'accept-encoding': 'br' } });
  const text = await index.text();
  const policy = index.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'$/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(index.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(index.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.equal(index.headers.get('cache-control'), 'no-cache');
  assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|style=|javascript:| on\w+=/);
  const again = { 'if-none-match': index.headers.get('etag') ?? '' };
  assert.equal((await fetch(url, { headers: again })).status, 304);

  const names = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((it) => it[1]);
  assert.ok(names.length >= 2, text);
  for (const name of names) {
    const asset = await fetch(url + name, { headers: { 'accept-encoding': 'br' } });
    // What fits in a packet goes out as it is; see pack.js.
    const isPacked = asset.headers.get('content-encoding') === 'br';
    assert.ok(isPacked || (await asset.arrayBuffer()).byteLength < 1000, name);
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  }
});

for (const [where, path, as] of [
  ['the login', '/', undefined],
  ['a search', '/search?q=status:bounced', 'owner'],
] as const) {
  flow(`the first load of ${where} is under 200 kB`, { as }, async ({ page, context }) => {
    const wire = await context.newCDPSession(page);
    await wire.send('Network.enable');
    let bytes = 0;
    wire.on('Network.loadingFinished', (it) => (bytes += it.encodedDataLength));
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    console.log(`first load of ${path}: ${(bytes / 1000).toFixed(1)} kB`);
    assert.ok(bytes > 10_000, `it loads something: ${bytes}`);
    if (!process.env.WAYBILL_PREVIEW) assert.ok(bytes < FIRST_LOAD_MAX, `${bytes} bytes`);
  });
}
