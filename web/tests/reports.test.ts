// Reports: figures that lead to their rows, beside those of before; ranges, CSV, print.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, flow, settled } from './harness.ts';
import { csv } from '../src/lib/csv.ts';
import { compared } from '../src/views/reports/ranges.ts';

interface Histogram {
  bars: { rows: number }[];
}

flow('each number of a report leads to as many rows', { as: 'owner' }, async ({ page, world }) => {
  await page.goto('/reports?range=last+24+hours');
  await page.locator('[data-table=guessers] td a').first().waitFor();
  await settled(page);
  await axe(page);
  const ask = await world.as('owner');
  const counts = page.locator('section[data-table] td:nth-child(2) a, .tiles a.total');
  const links = await counts.evaluateAll((all) =>
    all.map((it) => [it.textContent ?? '', (it as HTMLAnchorElement).href] as const),
  );
  assert.ok(links.length > 30, `${links.length} numbers`);
  for (const [text, href] of links) {
    // Lengths and sizes are of rows, but do not count them.
    if (!/^[\d,]+$/.test(text)) continue;
    const { searchParams } = new URL(href);
    const query = new URLSearchParams({
      q: searchParams.get('q') ?? '',
      range: searchParams.get('range') ?? '',
      every: '86400',
    });
    const { bars } = await ask<Histogram>('GET', `/histogram?${query}`);
    const rows = bars.reduce((sum, it) => sum + it.rows, 0);
    assert.equal(rows, Number(text.replaceAll(',', '')), searchParams.get('q') ?? '');
  }
  const bounced = page.locator('[data-table=bounces] td a').first();
  await bounced.click();
  await page.waitForURL(/\/search\?q=kind/);
  await page.getByRole('main').getByText('bounced').first().waitFor();
});

flow('a customer gets a report of their own mail alone', { as: 'admin' }, async ({ page }) => {
  await page.goto('/reports?range=last+24+hours');
  const domains = page.locator('[data-table=domains] tbody th');
  await domains.first().waitFor();
  const names = (await domains.allTextContents()).map((it) => it.trim());
  assert.deepEqual(names.sort(), ['harbour.example', 'meadow.example']);
});

flow(
  'questions of a report are given up with it',
  {
    as: 'support',
    expects: /ERR_FAILED|ERR_ABORTED/,
  },
  async ({ page }) => {
    let asked = 0;
    const given: string[] = [];
    page.on('requestfailed', (it) => given.push(new URL(it.url()).pathname));
    await page.route('**/api/v1/figures**', () => void (asked += 1));
    await page.goto('/reports');
    await page.waitForFunction(() => document.querySelectorAll('[data-table]').length > 10);
    await page.waitForTimeout(300);
    const before = asked;
    assert.ok(before >= 1 && before <= 2, `${before} at a time`);
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.waitForTimeout(300);
    assert.equal(asked, before);
    assert.equal(given.filter((it) => it.startsWith('/api/v1/figures')).length, before);
  },
);

flow('a report prints without what is for the screen', { as: 'owner' }, async ({ page }) => {
  await page.goto('/reports?range=last+24+hours');
  await page.locator('[data-table=domains] tbody th').first().waitFor();
  await settled(page);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('navigation').count(), 0);
  assert.equal(await page.getByRole('button').count(), 0);
  assert.ok(await page.locator('header .in-print').isVisible());
  const pdf = await page.pdf({ format: 'A4' });
  assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
});

flow('a time without an end is no report', { as: 'owner' }, async ({ page }) => {
  await page.goto('/reports?range=since+yesterday');
  await page.getByRole('button', { name: 'Last 7 days' }).click();
  await page.locator('[data-table=domains] tbody th').first().waitFor();
});

const zone = 'Europe/Rome';
const now = Date.parse('2026-10-26T09:30:00Z');
const days = (text: string) => {
  const range = compared(text, now, zone);
  const all = range && [range.from, range.until, range.before.from, range.before.until];
  return all?.map((it) => new Date(it).toISOString());
};

test('a day begins at midnight of its zone, also where clocks are put back', () => {
  // Sunday 25 October 2026 had 25 hours.
  assert.deepEqual(days('yesterday'), [
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    '2026-10-23T22:00:00.000Z',
    '2026-10-24T22:00:00.000Z',
  ]);
});

test('what is not over is compared with as much of the one before', () => {
  assert.deepEqual(days('this month'), [
    '2026-09-30T22:00:00.000Z',
    '2026-10-26T09:30:00.000Z',
    '2026-08-31T22:00:00.000Z',
    '2026-09-26T08:30:00.000Z',
  ]);
});

test('lengths and days from and to are compared with as much in front of them', () => {
  assert.deepEqual(days('last 2 hours'), [
    '2026-10-26T07:30:00.000Z',
    '2026-10-26T09:30:00.000Z',
    '2026-10-26T05:30:00.000Z',
    '2026-10-26T07:30:00.000Z',
  ]);
  assert.deepEqual(days('2026-10-01..2026-10-07')?.slice(0, 2), [
    '2026-09-30T22:00:00.000Z',
    '2026-10-07T22:00:00.000Z',
  ]);
  assert.deepEqual(days('2026-10-01T10:00Z..2026-10-01T11:30Z')?.slice(0, 2), [
    '2026-10-01T10:00:00.000Z',
    '2026-10-01T11:30:00.000Z',
  ]);
  // Half past one was in summer time, noon was not.
  assert.deepEqual(days('2026-10-25T01:30..2026-10-25T12:00')?.slice(0, 2), [
    '2026-10-24T23:30:00.000Z',
    '2026-10-25T11:00:00.000Z',
  ]);
  assert.equal(days('since yesterday'), undefined);
  assert.equal(days('2026-10-07..2026-10-01'), undefined);
});

test('a text from a log is no formula in a spreadsheet', () => {
  const rows = csv([['=HYPERLINK("x")', '@SUM(1)', '+1', '-1', '\t=1', 'a,"b"\nc', -5, null]]);
  const cells = [
    `"'=HYPERLINK(""x"")"`,
    "'@SUM(1)",
    "'+1",
    "'-1",
    "'\t=1",
    '"a,""b""\nc"',
    '-5',
    '',
  ];
  assert.equal(rows, `\ufeff${cells.join(',')}\r\n`);
});
