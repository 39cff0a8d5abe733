// Exports: from a search to a file that has its rows; how far one is, live.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { axe, fits, flow, screen, settled, type Ask } from './harness.ts';

interface Row {
  id: string;
  original_lines?: string[];
}

/** All rows of a question, page by page. */
async function rowsOf(ask: Ask, q: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = ''; ;) {
    const query = new URLSearchParams({ q, after, lines: 'true', limit: '200' });
    if (!after) query.delete('after');
    const page = await ask<{ rows: Row[]; next?: string }>('GET', `/rows?${query}`);
    rows.push(...page.rows);
    if (!page.next) return rows;
    after = page.next;
  }
}

const byId = (a: Row, b: Row) => (a.id < b.id ? -1 : Number(a.id > b.id));

flow('a search becomes a file that has its rows', { as: 'admin' }, async ({ page, world }) => {
  const q = 'kind:delivery.delivered';
  await page.goto(`/search?q=${encodeURIComponent(q)}`);
  await settled(page);
  await page.getByRole('button', { name: 'Export all' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(q, { exact: true }).waitFor();
  await dialog.getByLabel('Name').fill('What came <in>');
  await dialog.getByLabel('Format').selectOption('ndjson');
  await dialog.getByLabel('With the original lines').check();
  await axe(page);
  await screen(page, 'export');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await page.waitForURL(/\/jobs$/);
  const row = page.getByRole('row').filter({ hasText: 'What came <in>' });
  await row.getByText('complete').waitFor();
  await row.getByText('File', { exact: true }).click();
  await settled(page);
  await axe(page);
  await screen(page, 'jobs-done');

  const coming = page.waitForEvent('download');
  await row.getByRole('link', { name: 'Download What came <in>' }).click();
  const download = await coming;
  assert.match(download.suggestedFilename(), /^waybill-what-came-in-\d+\.ndjson$/);
  const text = readFileSync(await download.path(), 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const listed = await rowsOf(await world.as('admin'), q);
  assert.ok(listed.length > 100, `${listed.length}`);
  // Where clients are is looked up for who asks, and is not in a file.
  const stored = listed.map((row) => ({ ...row, client_country: undefined }));
  assert.deepEqual(rows.toSorted(byId), JSON.parse(JSON.stringify(stored.toSorted(byId))));

  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await screen(page, 'jobs-narrow');
  await row.getByRole('button', { name: 'Remove What came <in>' }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await row.waitFor({ state: 'detached' });
});

flow('how far exports are is told while they are written', { as: 'operator' }, async ({ page }) => {
  const job = {
    id: 1,
    name: 'A year',
    q: '',
    range: 'last 365 days',
    zone: 'Europe/Rome',
    format: 'csv',
    lines: true,
    user: 'anna',
    is_own: false,
    state: 'waiting',
    rows: 0,
    rows_in_all: null as number | null,
    bytes: 0,
    done: 0,
    created: '2026-11-20T08:00:00Z',
    began: null,
    ended: null,
    kept_until: null as string | null,
    sha256: null,
    file_name: 'waybill-a-year-1.csv',
    failure: null as string | null,
  };
  let told = [job];
  await page.route('**/api/v1/jobs', (route) => route.fulfill({ json: told }));
  await page.goto('/jobs');
  const row = page.getByRole('row').filter({ hasText: 'A year' });
  await row.getByText('waiting').waitFor();
  await row.getByText('anna').waitFor();
  await row.getByText('last 365 days').waitFor();
  told = [{ ...job, state: 'running', rows: 1_200, rows_in_all: 4_000, bytes: 5e6, done: 0.31 }];
  const bar = row.getByRole('progressbar', { name: 'How far A year is' });
  await bar.waitFor();
  await row.getByText('31%').waitFor();
  await row.getByText('1,200 of 4,000').waitFor();
  await settled(page);
  await axe(page);
  await screen(page, 'jobs-running');
  told = [{ ...told[0]!, rows: 3_000, done: 0.75 }];
  await row.getByText('75%').waitFor();
  assert.equal(await bar.evaluate((it) => (it as HTMLProgressElement).value), 0.75);
  await row.getByRole('button', { name: 'Cancel A year' }).waitFor();
  const why = 'the disk is nearly full';
  told = [{ ...job, state: 'failed', failure: why, kept_until: '2026-11-30T08:00:00Z' }];
  await row.getByText('failed').waitFor();
  await row.getByText(why).waitFor();
  assert.equal(await row.getByRole('link', { name: /Download/ }).count(), 0);
  told = [];
  await page.getByText('Nothing was exported yet.').waitFor();
  await page.getByRole('link', { name: 'To the search' }).waitFor();
  await settled(page);
  await axe(page);
});
