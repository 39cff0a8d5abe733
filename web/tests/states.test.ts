// What a view tells while an answer is on its way, and when there is none.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe, flow, screen, settled } from './harness.ts';

/** Has questions to a part of the API fail in a way, until the answer is called. */
async function failing(page: Page, path: string, status: number): Promise<() => Promise<void>> {
  const json = { title: 'Not now', status, detail: 'the disk is away' };
  const headers = { 'retry-after': '1' };
  await page.route(path, (route) => route.fulfill({ status, json, headers }));
  return () => page.unroute(path);
}

const rows = (page: Page) => page.locator('[aria-rowindex]');

flow(
  'an answer that fails is told with the reason, and comes when it can',
  { as: 'support', expects: /503/ },
  async ({ page }) => {
    const heal = await failing(page, '**/api/v1/rows?**', 503);
    await page.goto('/search?q=status:bounced');
    const alert = page.getByRole('alert').filter({ hasText: 'That did not work' });
    await alert.getByText('the disk is away').waitFor();
    await axe(page);
    await screen(page, 'state-failed');
    await heal();
    await rows(page).first().waitFor();
    await alert.waitFor({ state: 'detached' });
  },
);

flow(
  'what cannot be asked anew stays, and is said to be from before',
  { as: 'support', expects: /500/ },
  async ({ page }) => {
    await page.goto('/queue');
    await settled(page);
    const waits = page.getByRole('main').getByRole('table').first();
    await waits.waitFor();
    const heal = await failing(page, '**/api/v1/queue?**', 500);
    await page.keyboard.press('[');
    await page.getByText('This is from before: the disk is away').waitFor();
    assert.ok(await waits.isVisible());
    await axe(page);
    await screen(page, 'state-stale');
    await heal();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This is from before').waitFor({ state: 'detached' });
  },
);

flow(
  'an answer that takes long says that it comes, and the one before stays',
  { as: 'support' },
  async ({ page }) => {
    let answer: () => void = () => {};
    const late = () =>
      page.route('**/api/v1/rows?**', async (route) => {
        await new Promise<void>((done) => (answer = done));
        await route.continue();
      });
    await late();
    await page.goto('/search?q=status:bounced');
    await page.getByRole('status').filter({ hasText: 'Loading' }).waitFor();
    // It fades in.
    await page.waitForFunction(() => document.getAnimations().length === 0);
    await axe(page);
    await screen(page, 'state-loading');
    answer();
    await rows(page).first().waitFor();
    // Another question: its rows are awaited with those of the one before.
    await page.getByRole('combobox').fill('status:bounced to:*');
    await page.keyboard.press('Enter');
    await page.locator('.rows[aria-busy=true]').waitFor();
    assert.ok((await rows(page).count()) > 0);
    answer();
    await page.locator('.rows[aria-busy=true]').waitFor({ state: 'detached' });
  },
);

flow(
  'a live view that is cut off says so, and goes on by itself',
  { as: 'support', expects: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|503/ },
  async ({ page }) => {
    const heal = await failing(page, '**/api/v1/tail**', 503);
    await page.goto('/live');
    await page.getByText('connection lost, it is tried again').waitFor();
    await axe(page);
    await screen(page, 'state-live-lost');
    await heal();
    await page.getByText('live', { exact: true }).waitFor({ timeout: 25_000 });
  },
);
