// Reports by mail: made, shown, sent, changed, paused, removed.

import assert from 'node:assert/strict';
import { axe, fits, flow, screen, settled, type Ask } from './harness.ts';
import { sink } from './sink.ts';

async function clear(ask: Ask, query = '') {
  const all = await ask<{ id: number }[]>('GET', `/schedules${query}`);
  for (const { id } of all) await ask('DELETE', `/schedules/${id}`);
}

/** Where yesterday has mail: the generated day begins 23 hours ago, late in the evening of Rome's yesterday. */
function zone(): string {
  const isLate = new Date().getUTCHours() >= 18;
  return isLate ? 'Pacific/Auckland' : 'Europe/Rome';
}

flow(
  'a report is made, shown, sent, changed, paused, and goes',
  { as: 'admin', expects: /status of 400/ },
  async ({ page, world, context }) => {
    await clear(await world.as('admin'));
    await page.goto('/reports');
    await page.getByRole('link', { name: 'By mail on a schedule' }).click();
    await page.getByText('No report is sent on a schedule.').waitFor();
    assert.equal(await page.getByLabel('Customer', { exact: true }).count(), 0);
    await page.getByRole('button', { name: 'Add a scheduled report' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mail of the day');
    await dialog.getByLabel('How often').selectOption('day');
    await dialog.getByLabel('Time', { exact: true }).fill('06:30');
    await dialog.getByLabel('Time zone').fill('Europe/Atlantis');
    await dialog.getByLabel('To', { exact: true }).fill('boss@harbour.example\nboss');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('alert').getByText('it is no time zone').waitFor();
    await axe(page);
    await screen(page, 'schedule-wrong');
    await dialog.getByLabel('Time zone').fill(zone());
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('alert').getByText('should be like').waitFor();
    const receivers = 'boss@harbour.example\ngone@harbour.example';
    await dialog.getByLabel('To', { exact: true }).fill(receivers);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'Mail of the day' });
    await row.getByText(`each day at 06:30, ${zone()}`).waitFor();

    const act = async (name: string) => {
      await row.getByRole('button', { name: 'Change: Mail of the day' }).click();
      await row.getByText(name, { exact: true }).click();
    };
    const [shown] = await Promise.all([context.waitForEvent('page'), act('Show')]);
    await shown.getByRole('heading', { name: 'Mail of the day' }).waitFor();
    for (const own of ['Accepted', 'harbour.example', 'How complete this is'])
      await shown.getByText(own).first().waitFor();
    const domains = shown.locator('h2:text-is("Our domains") + table tr > td:first-child');
    const names = await domains.allTextContents();
    assert.deepEqual(names.sort(), ['harbour.example', 'meadow.example']);
    assert.equal(await shown.evaluate(() => document.scripts.length), 0);
    // Where a page may run nothing, axe cannot either.
    const free = await context.newPage();
    await free.setContent(await shown.content());
    for (const look of ['light', 'dark'] as const) {
      await free.emulateMedia({ colorScheme: look });
      for (const width of [900, 380]) {
        await free.setViewportSize({ width, height: 900 });
        await fits(free);
        await axe(free);
        await screen(free, `report-mail-${look}-${width}`);
      }
    }
    await free.close();
    await shown.close();

    const came = () => sink.came.filter((mail) => /^Subject: Mail of the day: /m.test(mail)).length;
    const before = came();
    await act('Send now');
    await page.getByText('“Mail of the day” is on its way').waitFor();
    const sent = page.getByRole('row').filter({ hasText: 'by hand' });
    await sent.getByText('250 2.0.0 Ok: queued as 4F00').waitFor();
    await sent.getByText('RCPT: 550 5.1.1 no such user').waitFor();
    await sent.getByText('not sent', { exact: true }).waitFor();
    assert.equal(came() - before, 1);
    await settled(page);
    await axe(page);
    await screen(page, 'schedules');
    const wide = page.viewportSize()!;
    await page.setViewportSize({ width: 360, height: 740 });
    await fits(page);
    await screen(page, 'schedules-narrow');
    await page.setViewportSize(wide);

    await act('Pause');
    await row.getByText('paused').waitFor();
    await act('Send again');
    await row.getByText('paused').waitFor({ state: 'detached' });
    await act('Change');
    assert.equal(await dialog.getByLabel('Time', { exact: true }).inputValue(), '06:30');
    await dialog.getByLabel('How often').selectOption('month');
    await dialog.getByLabel('Day of the month').fill('31');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText(`on day 31 of each month at 06:30, ${zone()}`).waitFor();
    await act('Remove');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No report is sent on a schedule.').waitFor();
  },
);

flow(
  'staff have reports of the whole installation or of a customer',
  { as: 'operator', look: 'dark', language: 'it' },
  async ({ page, world }) => {
    const operator = await world.as('operator');
    const of = `?customer=${world.customers.compass}`;
    await clear(operator);
    await clear(operator, of);
    await operator('POST', `/schedules${of}`, {
      name: 'Posta di Compass',
      every: 'day',
      time: '07:00',
      zone: 'UTC',
      language: 'it',
      receivers: ['ops@compass.example'],
      is_disabled: true,
    });
    await page.goto('/reports/schedules');
    await page.getByText('Nessun rapporto è programmato.').waitFor();
    await page.getByRole('button', { name: 'Aggiungi un rapporto programmato' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Nome').fill('Tutta la posta');
    assert.equal(await dialog.getByLabel('Lingua').inputValue(), 'it');
    await dialog.getByLabel('A', { exact: true }).fill('ops@example.org');
    await axe(page);
    await screen(page, 'schedule-form-dark');
    await dialog.getByRole('button', { name: 'Aggiungi', exact: true }).click();
    await page.getByText('ogni lunedì alle 07:00').waitFor();
    await page.getByLabel('Cliente', { exact: true }).fill('Compass');
    await page.waitForURL(new RegExp(`customer=${world.customers.compass}$`));
    const row = page.getByRole('row').filter({ hasText: 'Posta di Compass' });
    await row.getByText('in pausa').waitFor();
    await settled(page);
    await axe(page);
    await screen(page, 'schedules-dark');
    await clear(operator);
    await clear(operator, of);
  },
);

flow('who may only read has no way to scheduled reports', { as: 'support' }, async ({ page }) => {
  await page.goto('/reports');
  await page.getByRole('button', { name: 'Print' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'By mail on a schedule' }).count(), 0);
});
