// Rows as they come.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe, fits, flow, stamp, type World } from './harness.ts';
import { isSmooth, measure } from './smooth.ts';

const rows = (page: Page) => page.locator('[aria-rowindex]');

/** From then on rows come; proxies may hold it back until the stream first shows that it lives. */
async function isOpen(page: Page): Promise<void> {
  await page.getByText('live', { exact: true }).waitFor({ timeout: 25_000 });
}

/** Recipients that are refused, as of now: so many. They are told at once, since nothing follows. */
function refuse(world: World, count: number, to: string): Promise<void> {
  const at = stamp(new Date());
  const line = (number: number) =>
    `${at} mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <${to}>: Recipient address rejected: User unknown; from=<a@far.example> to=<${to}> proto=ESMTP helo=<x${number}.example>`;
  return world.send(Array.from({ length: count }, (_, number) => line(number)));
}

flow(
  'new rows come by themselves, the newest on top',
  { as: 'support' },
  async ({ page, world }) => {
    await page.goto('/live?q=to:live1@far.example');
    await isOpen(page);
    await refuse(world, 1, 'live1@far.example');
    await rows(page).filter({ hasText: 'live1@far.example' }).first().waitFor({ timeout: 20_000 });
    await axe(page);
    await fits(page);
  },
);

flow(
  'the list rests while one looks, and counts what waits',
  { as: 'support' },
  async ({ page, world }) => {
    await refuse(world, 3, 'live2@far.example');
    await page.goto('/live?q=to:live2@far.example');
    await rows(page).first().waitFor({ timeout: 20_000 });
    await isOpen(page);
    await page.keyboard.press('j');
    await page.getByText('paused').waitFor();
    const before = await rows(page).count();
    await refuse(world, 4, 'live2@far.example');
    await page.getByRole('button', { name: /new rows/ }).waitFor({ timeout: 20_000 });
    assert.equal(await rows(page).count(), before);
    await page.getByRole('button', { name: /new rows/ }).click();
    await page.waitForFunction(
      (it) => document.querySelectorAll('[aria-rowindex]').length > it,
      before,
    );
    await page.keyboard.press('p');
    await page.getByText('paused').waitFor();
    await page.keyboard.press('p');
    await page.getByText('paused').waitFor({ state: 'hidden' });
  },
);

flow(
  'thousands of rows a second freeze nothing',
  { as: 'owner', long: true, apart: true },
  async ({ page, world }) => {
    await measure(page);
    await page.goto('/live?q=to:live3@far.example');
    await isOpen(page);
    const sent = refuse(world, 20_000, 'live3@far.example');
    await rows(page).first().waitFor({ timeout: 30_000 });
    await page.keyboard.press('/');
    await page.keyboard.type(' status:rejected', { delay: 30 });
    await sent;
    await isSmooth(page);
    assert.ok((await rows(page).count()) < 90);
  },
);
