// Getting about: by links, by the browser's buttons, by keys alone.

import assert from 'node:assert/strict';
import { flow, settled } from './harness.ts';

flow('each step can be gone back and forward', { as: 'support' }, async ({ page }) => {
  await page.goto('/search?q=status:bounced');
  await settled(page);
  await page.getByRole('navigation', { name: 'Menu' }).getByText('Queue').click();
  await page.waitForURL(/\/queue/);
  await page.getByRole('navigation', { name: 'Menu' }).getByText('Reports').click();
  await page.waitForURL(/\/reports/);
  await page.goBack();
  await page.waitForURL(/\/queue/);
  await page.goBack();
  await page.waitForURL(/\/search\?q=status/);
  await page.getByRole('main').getByText('@').first().waitFor();
  await page.goForward();
  await page.waitForURL(/\/queue/);
});

flow('a link gives the same view to somebody else', { as: 'support' }, async ({ page }) => {
  await page.goto('/search?q=status:bounced&range=last+24+hours&zone=utc');
  await settled(page);
  const first = await page.getByRole('main').innerText();
  await page.goto('/queue');
  await page.goBack();
  await settled(page);
  assert.equal((await page.getByRole('main').innerText()).slice(0, 400), first.slice(0, 400));
});

flow('all is reached by keys alone', { as: 'support' }, async ({ page }) => {
  await page.goto('/search');
  await settled(page);
  // The box has the focus, until it is left.
  await page.keyboard.press('Escape');
  for (const [key, path] of [
    ['q', '/queue'],
    ['r', '/reports'],
    ['l', '/live'],
    ['s', '/search'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForURL((url) => url.pathname === path);
  }
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await page.keyboard.type('status:bounced');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=status/);
  await page.keyboard.press('Escape');
  await settled(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  const zone = page.getByRole('button', { name: /UTC|Local time/ });
  const before = await zone.innerText();
  await page.locator('main').focus();
  await page.keyboard.press('z');
  assert.notEqual(await zone.innerText(), before);
});

flow('where the focus is can always be seen', { as: 'owner' }, async ({ page }) => {
  for (const path of ['/search?q=status:bounced', '/queue', '/admin/users']) {
    await page.goto(path);
    await settled(page);
    const unseen: string[] = [];
    for (let step = 0; step < 25; step += 1) {
      await page.keyboard.press('Tab');
      const lost = await page.evaluate(() => {
        const it = document.activeElement;
        if (!it || it === document.body) return undefined;
        // The browser marks the part of a time that has the focus.
        if (it.matches('[type=datetime-local]')) return undefined;
        // What is focused, or what stands round it, is marked.
        const around = [it, it.parentElement, it.parentElement?.parentElement];
        const styles = around
          .filter((at) => at instanceof Element)
          .map((at) => getComputedStyle(at));
        const isMarked = styles.some(
          (at) =>
            (at.outlineStyle !== 'none' && at.outlineWidth !== '0px') || at.boxShadow !== 'none',
        );
        return isMarked ? undefined : it.outerHTML.slice(0, 120);
      });
      if (lost) unseen.push(lost);
    }
    assert.deepEqual(unseen, [], path);
  }
});
