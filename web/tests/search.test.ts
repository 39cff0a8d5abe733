// Searching: finding one's mail, narrowing and widening a question, taking it elsewhere.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { test } from 'node:test';
import { axe, fits, flow, inClicks, screen, settled, stamp } from './harness.ts';
import { addressIn } from '../src/lib/address.ts';
import { isSmooth, measure } from './smooth.ts';

/** Asks in the box, and waits for the answer. */
async function ask(page: Page, q: string): Promise<void> {
  await page.getByRole('combobox').fill(q);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === q);
  await settled(page);
}

const rows = (page: Page) => page.locator('[aria-rowindex]');
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

flow('where is my mail: an address, one row, the whole message', { as: 'support' }, async (it) => {
  const { page, world } = it;
  const message = world.find((it) => it.recipients.some((to) => to.outcome === 'delivered'));
  const to = message.recipients.find((it) => it.outcome === 'delivered')!.rcpt_to;
  await page.goto('/');
  await page.getByRole('combobox').waitFor();
  await ask(page, `${to} ${message.message_id}`);
  await rows(page).filter({ hasText: 'delivered' }).first().click();
  await page.getByRole('link', { name: 'The whole message' }).click();
  await page.waitForURL(/\/message\//);
  const about = page.getByRole('article', { name: to, exact: true });
  await about.getByText(/In the mailbox of|took the message for/).waitFor();
  await inClicks(page, 3);
});

flow('fields and values are completed', { as: 'support' }, async ({ page }) => {
  // Where a machine is busy, keys come before the next frame, and behind it.
  await page.addInitScript(() => {
    const draw = requestAnimationFrame;
    globalThis.requestAnimationFrame = (then) => draw((at) => setTimeout(then, 100, at));
  });
  await page.goto('/search');
  await settled(page);
  const box = page.getByRole('combobox');
  await box.focus();
  await page.keyboard.type('stat');
  await page
    .getByRole('option', { name: /^status:/ })
    .first()
    .click();
  await page.getByRole('option', { name: /status:bounced/ }).click();
  assert.match(await box.inputValue(), /^status:bounced $/);
  await page.keyboard.type('to:', { delay: 60 });
  await page.getByRole('option', { name: /@/ }).first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.match(await box.inputValue(), /^status:bounced to:\S+@\S+ $/);
});

flow(
  'an address in the box leads to the story of its account',
  { as: 'support' },
  async ({ page }) => {
    const address = 'gretacooper16@harbour.example';
    const path = `/account/${encodeURIComponent(address)}`;
    await page.goto('/search?range=last+24+hours');
    await settled(page);
    const box = page.getByRole('combobox');
    await box.fill(`status:bounced to:${address}`);
    const story = page.getByRole('option', { name: /story of the account/ });
    await story.waitFor();
    await axe(page);
    await screen(page, 'search-story');
    await page.keyboard.press('ArrowDown');
    assert.equal(await story.getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === path);
    assert.match(page.url(), /range=last/);
    // Who asks for it all the same finds the way from there.
    await page.goto('/search');
    await ask(page, address);
    await page.getByRole('link', { name: `Story of ${address}` }).click();
    await page.waitForURL((url) => url.pathname === path);
  },
);

flow(
  'conditions are chips that are negated and taken away',
  { as: 'support' },
  async ({ page }) => {
    await page.goto('/search?q=status:bounced');
    await settled(page);
    await page.getByRole('button', { name: /^status bounced/ }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === '-status:bounced');
    await page.getByRole('button', { name: 'Remove status:bounced' }).click();
    await page.waitForURL((url) => !url.searchParams.has('q'));
  },
);

flow(
  'a value of a filter is wanted, not wanted, and of no matter again',
  { as: 'support' },
  async (it) => {
    const { page } = it;
    await page.goto('/search');
    await settled(page);
    const value = page.getByRole('complementary').getByTitle('Only kind:message.rejected');
    await value.click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'kind:message.rejected');
    await settled(page);
    assert.equal(await rows(page).filter({ hasNotText: 'rejected' }).count(), 0);
    assert.equal(await value.getAttribute('aria-pressed'), 'true');
    await value.click();
    await page.waitForURL((url) => !url.searchParams.has('q'));
    const without = page.getByRole('button', { name: 'Without kind:message.rejected' });
    await without.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '-kind:message.rejected');
  },
);

flow(
  'what keeps house is left out, is said, and comes when it is wanted',
  { as: 'support' },
  async (it) => {
    const { page } = it;
    await page.goto('/search?columns=kind');
    await settled(page);
    const isHouse = rows(page).filter({ hasText: /^session$/ });
    assert.equal(await isHouse.count(), 0);
    await page.getByRole('button', { name: 'show them' }).click();
    await settled(page);
    // Other flows' rows may be the newest.
    await page.mouse.move(800, 600);
    for (let looks = 0; looks < 60 && (await isHouse.count()) === 0; looks++) {
      await page.mouse.wheel(0, 500);
      await settled(page);
    }
    await isHouse.first().waitFor();
  },
);

flow('a stretch of the bars is chosen, and gone back from', { as: 'support' }, async ({ page }) => {
  await page.goto('/search');
  await settled(page);
  const bars = page.locator('.u-over');
  const { x, y, width, height } = (await bars.boundingBox())!;
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/range=2\d\d\d-/);
  await settled(page);
  const range = new URL(page.url()).searchParams.get('range')!.split('..').map(Date.parse);
  const hours = (range[1]! - range[0]!) / 3_600_000;
  assert.ok(hours > 4 && hours < 10, `${hours} hours of a day`);
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has('range'));
});

flow('times are chosen: usual ones, words, moments', { as: 'support' }, async ({ page }) => {
  await page.goto('/search');
  await settled(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await page.getByRole('button', { name: 'Last 4 hours' }).click();
  await page.waitForURL(/range=last\+4\+hours/);
  await page.getByRole('button', { name: 'Last 4 hours' }).click();
  await page.getByLabel('Or in words').fill('since yesterday');
  await page.keyboard.press('Enter');
  await page.waitForURL(/range=since\+yesterday/);
  await page.getByRole('button', { name: 'since yesterday' }).click();
  await page.getByLabel('From').fill('2026-11-01T10:00');
  await page.getByLabel('Until').fill('2026-11-01T11:30');
  await page.getByRole('button', { name: 'Apply' }).first().click();
  // Rome is an hour before UTC in November.
  await page.waitForURL(
    (url) => url.searchParams.get('range') === '2026-11-01T09:00:00Z..2026-11-01T10:30:00Z',
  );
});

flow(
  'rows are gone through by keys, and opened in place with their lines',
  { as: 'support' },
  async (it) => {
    const { page } = it;
    await page.goto('/search?q=status:bounced+host:out1');
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.getByText('status=bounced').first().waitFor();
    await axe(page);
    await page.keyboard.press('Enter');
    assert.equal(await page.getByText('status=bounced').count(), 0);
    await page.keyboard.press('k');
    await page.keyboard.press('f');
    await page.waitForURL(
      (url) => url.searchParams.get('q') === 'status:bounced host:out1 kind:delivery.bounced',
    );
  },
);

flow(
  'the list goes on as far as one scrolls, and stays small',
  { as: 'support' },
  async ({ page }) => {
    await page.goto('/search?all=1');
    await settled(page);
    const last = () => rows(page).last().getAttribute('aria-rowindex').then(Number);
    for (let step = 0; step < 300 && (await last()) < 1_000; step += 1) {
      await page.mouse.wheel(0, 3_000);
      await page.waitForTimeout(60);
    }
    assert.ok((await last()) >= 1_000);
    assert.ok((await rows(page).count()) < 90, 'only rows near the window are drawn');
  },
);

flow(
  'typing, scrolling and brushing stay smooth',
  { as: 'support', long: true },
  async ({ page }) => {
    await measure(page);
    await page.goto('/search?all=1');
    await settled(page);
    await page.getByRole('combobox').focus();
    await page.keyboard.type('status:bounced to:a@b.example', { delay: 25 });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    for (let step = 0; step < 15; step += 1) {
      await page.keyboard.press('j');
      await page.mouse.wheel(0, 900);
    }
    await isSmooth(page);
  },
);

flow('a search is kept, shared, and asked again', { as: 'support' }, async ({ page }) => {
  await page.goto('/search?q=status:bounced&range=last+24+hours');
  await settled(page);
  await page.getByRole('button', { name: 'Saved searches' }).click();
  await page.getByRole('button', { name: 'Save this search' }).click();
  await page.getByLabel('Name').fill('Bounces of a day');
  await page.getByLabel('Others see it too').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.goto('/search');
  await page.getByRole('button', { name: 'Saved searches' }).click();
  await page.getByRole('link', { name: /Bounces of a day/ }).click();
  await page.waitForURL(
    (url) => url.searchParams.get('q') === 'status:bounced time:"last 24 hours"',
  );
  await settled(page);
  await rows(page).first().waitFor();
});

flow(
  'a question is taken elsewhere: link, command line, curl, SQL',
  { as: 'support' },
  async (it) => {
    const { page, world } = it;
    await page.goto('/search?q=status:bounced+to:*&range=last+24+hours');
    await settled(page);
    const copy = async (name: string) => {
      await page.getByRole('button', { name: /Cop(y|ied)$/ }).click();
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      return clipboard(page);
    };
    assert.match(
      await copy('Command line'),
      /^waybill search --range 'last 24 hours' --timezone Europe\/Rome -- 'status:/,
    );
    assert.match(await copy('curl'), /--data-urlencode 'q=status:bounced to:\*'/);
    const link = await copy('Link');
    assert.match(link, /zone=Europe%2FRome/);
    const query = await copy('SQL');
    const sum = query.replace('select *', 'select count(*)').replace(/order by[\s\S]*/, '');
    const ask = await world.as('support');
    const counted = await ask<Record<string, number>>('POST', '/sql', { query: sum });
    const bars = await ask<{ bars: { rows: number }[] }>(
      'GET',
      '/histogram?q=status:bounced&range=last+24+hours',
    );
    assert.equal(
      Object.values(counted)[0],
      bars.bars.reduce((rows, it) => rows + it.rows, 0),
    );
    await page.goto(link);
    await settled(page);
    await rows(page).first().waitFor();
  },
);

flow(
  'where nothing is found, what there is instead is told',
  { as: 'support' },
  async ({ page, world }) => {
    const to = world.find((it) => it.recipients.some((it) => it.outcome === 'delivered'))
      .recipients[0]!.rcpt_to;
    await page.goto(
      `/search?${new URLSearchParams({ q: `${to} from:nobody@nowhere.example`, range: 'last 1 hour' })}`,
    );
    await page.getByText('Nothing is known, at any time, of from:nobody@nowhere.example').waitFor();
    await page.getByRole('main').getByRole('link', { name: to, exact: true }).click();
    await page.waitForURL(
      (url) => url.searchParams.get('q') === to && !url.searchParams.has('range'),
    );
    await settled(page);
    await rows(page).first().waitFor();
    await page.goto(`/search?${new URLSearchParams({ q: to, range: '2026-01-01' })}`);
    await page.getByText('The newest match is').waitFor();
    await page.getByRole('link', { name: 'Show it' }).click();
    await rows(page).first().waitFor();
  },
);

flow('a host that is silent is named', { as: 'support' }, async ({ page, world }) => {
  // It wrote once, an hour ago, and the others go on.
  const hour = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '000+00:00');
  await world.send([`${hour} mx9 postfix/qmgr[1]: 4bSilent00z1: removed`]);
  await world.goOn(20);
  await page.goto('/search?q=nothing.finds.this.example');
  await page.getByText(/mx9 has sent no lines since/).waitFor({ timeout: 20_000 });
});

flow(
  'what is wrong with a question is marked where it is',
  { as: 'support', expects: /400/ },
  async (it) => {
    const { page } = it;
    await page.goto('/search?q=perché+status:bounced+foo:bar');
    await page.getByText('unknown field').waitFor();
    assert.equal(await page.locator('mark').innerText(), 'foo');
    await page.goto('/search?q=a+OR+foo:bar');
    await page.getByText('unknown field').waitFor();
    assert.equal(await page.locator('mark').innerText(), 'foo');
  },
);

flow('columns are chosen, and a link has them', { as: 'support' }, async ({ page }) => {
  await page.goto('/search?q=status:bounced');
  await settled(page);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('enhanced_status').check();
  await page.waitForURL(/columns=at%2Ckind%2Cwho%2Ctold%2Cenhanced_status/);
  await page.reload();
  await settled(page);
  await page.getByRole('columnheader', { name: 'enhanced_status' }).waitFor();
  await fits(page);
});

flow('customers are offered nothing of our hosts', { as: 'admin' }, async ({ page }) => {
  await page.goto('/search');
  await settled(page);
  await rows(page).first().waitFor();
  assert.equal(await page.getByRole('complementary').getByText('Our host').count(), 0);
  assert.equal(await page.getByText(/\d hosts?,/).count(), 0);
});

flow('lines that are the same to the last sign are as many rows', { as: 'support' }, async (it) => {
  const { page, world } = it;
  const line = `${stamp(new Date())} mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <same@far.example>: Recipient address rejected: User unknown; from=<a@far.example> to=<same@far.example> proto=ESMTP helo=<x.example>`;
  await world.send([line, line, line]);
  await page.goto('/search?q=to:same@far.example');
  await rows(page).nth(2).waitFor({ timeout: 20_000 });
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('[aria-expanded=true][role=row]').count(), 1);
});

test('an address is known where it stands alone or behind a field', () => {
  const known = [
    'anna@a.example',
    'to:anna@a.example',
    'from:"anna@a.example"',
    '-user:anna@a.example',
  ];
  for (const word of known) assert.equal(addressIn(word), 'anna@a.example', word);
  const others = [
    'anna',
    'anna@',
    '@a.example',
    '<x.1@a.example>',
    'message_id:x.1@a.example',
    'anna@a.example*',
    'to:anna@a',
  ];
  for (const word of others) assert.equal(addressIn(word), undefined, word);
});
