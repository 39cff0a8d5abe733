// A second factor: taken by a picture, proved by a code.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { encode } from 'uqr';
import { axe, fits, flow, password, screen, settled } from './harness.ts';

/** The code of a secret at a time. Source: RFC 6238, RFC 4648. */
function code(secret: string, at: number): string {
  const bits = [...secret].map((it) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(it).toString(2).padStart(5, '0'),
  );
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((it) => parseInt(it, 2));
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', Uint8Array.from(bytes))
    .update(new Uint8Array(counter.buffer))
    .digest();
  const from = hash[19]! & 15;
  return String((hash.readUInt32BE(from) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

flow('a second factor is taken by its picture', { as: 'owner', look: 'dark' }, async (it) => {
  const { page, context, world, daemon } = it;
  const owner = await world.as('owner');
  const login = `factor-${Date.now()}@demo.example`;
  const { id } = await owner<{ id: number }>('POST', '/users', { login, role: 'support' });
  const { token } = await owner<{ token: string }>('POST', `/users/${id}/link`, {});
  await daemon.asker()('POST', '/password', { token, password });
  const [name = '', value = ''] = (await daemon.login(login)).split('=');
  await context.addCookies([{ name, value, url: daemon.url }]);
  await page.goto('/me');
  await page.getByRole('button', { name: 'Begin with a second factor' }).click();
  const picture = page.getByRole('img', { name: /The secret as a picture/ });
  await picture.waitFor();
  const link = page.getByRole('link', { name: 'Open in an authenticator' });
  const url = (await link.getAttribute('href'))!;
  // The picture tells the whole link, with white around it.
  const { data, size } = encode(url, { ecc: 'M', border: 4 });
  const shown = await picture.locator('path').getAttribute('d');
  const dark = data.flat().filter((it) => it).length;
  assert.equal(shown!.match(/M/g)!.length, dark);
  assert.equal(await picture.getAttribute('viewBox'), `0 0 ${size} ${size}`);
  await settled(page);
  await axe(page);
  await screen(page, 'second-factor-dark');
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await screen(page, 'second-factor-narrow');
  const secret = new URL(url).searchParams.get('secret')!;
  await page.getByLabel('Code of the second factor').fill(code(secret, Date.now()));
  await page.getByRole('button', { name: 'Use it from now on' }).click();
  await page.getByText('Recovery codes').waitFor();
});
