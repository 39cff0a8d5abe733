// Administration: customers, users, keys, audit log, SQL, the own account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, flow, logins, password, settled, type Flow } from './harness.ts';
import { told } from '../src/views/admin/actions.ts';
import { place } from '../src/views/sql/text.ts';

const wrong = /status of 4\d\d/;

flow('a key is made, used, and revoked', { as: 'admin' }, async ({ page, daemon }) => {
  await page.goto('/admin/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByLabel('What it is for').fill('nightly report');
  await axe(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click();
  const key = (await page.getByRole('dialog').locator('output').textContent()) ?? '';
  assert.match(key, /^wb_key_[0-9a-f]{80}$/);
  const ask = (path: string) =>
    fetch(`${daemon.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  const query = new URLSearchParams({ query: 'unused', by: 'account_domain' });
  const facets = await (await ask(`/facets?${query}`)).json();
  const domains = facets[0].values.map((it: { value: string }) => it.value);
  assert.deepEqual(domains.sort(), ['harbour.example', 'meadow.example']);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('row').filter({ hasText: 'nightly report' });
  await row.waitFor();
  await axe(page);
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('revoked').waitFor();
  assert.equal((await ask('/me')).status, 401);
});

flow(
  'a customer is made, whose administrator sees nothing of others',
  {
    as: 'owner',
    expects: wrong,
  },
  async (it) => {
    const { page, context, daemon } = it;
    await page.goto('/admin/customers');
    await page.getByRole('button', { name: 'Add a customer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Thistle');
    await dialog.getByLabel('Domains').fill('thistle.example\nharbour.example');
    await dialog.getByRole('button', { name: 'Add' }).click();
    // What is wrong stands at the field, and nothing is lost.
    await dialog.getByRole('alert').getByText('belongs to another customer').waitFor();
    assert.equal(await dialog.getByLabel('Domains').getAttribute('aria-invalid'), 'true');
    assert.equal(await dialog.getByLabel('Name').inputValue(), 'Thistle');
    await dialog.getByLabel('Domains').fill('thistle.example');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.waitForURL(/\/admin\/customers\/\d+$/);
    await page.getByRole('heading', { name: 'Thistle' }).waitFor();
    await axe(page);

    const link = await addUser(it, 'admin@thistle.example');
    await page.goto(link);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page
      .getByText('Done.')
      .or(page.getByRole('button', { name: 'Log in' }))
      .first()
      .waitFor();

    const [name = '', value = ''] = (await daemon.login('admin@thistle.example')).split('=');
    await context.addCookies([{ name, value, url: daemon.url }]);
    await page.goto('/sql?q=select+account_domain,+count(*)+as+rows+from+events+group+by+1');
    await page.getByRole('cell', { name: 'thistle.example' }).waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
    await page.goto('/admin/customers');
    await page.getByText('You may not see this.').waitFor();
    await page.goto('/admin/users');
    await page.getByRole('cell', { name: 'admin@thistle.example', exact: true }).waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
  },
);

/** Adds an administrator of Thistle; gives the link for the password. */
async function addUser({ page }: Flow, login: string): Promise<string> {
  await page.goto('/admin/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Login').fill(login);
  await dialog.getByLabel('Role').selectOption('customer_admin');
  await dialog.getByLabel('Customer', { exact: true }).fill('Nobody');
  await dialog.getByText('There is no such customer.').waitFor();
  await dialog.getByLabel('Customer', { exact: true }).fill('Thistle');
  await dialog.getByText('There is no such customer.').waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Add' }).click();
  return (await dialog.locator('output').textContent()) ?? '';
}

flow('a user is shut out, let in again, and removed', { as: 'owner' }, async ({ page, world }) => {
  const owner = await world.as('owner');
  await owner('POST', '/users', { login: 'temp@demo.example', role: 'support' });
  await page.goto('/admin/users?text=temp');
  const row = page.getByRole('row').filter({ hasText: 'temp@demo.example' });
  const act = async (name: string) => {
    await row.getByRole('button').click();
    await row.getByRole('button', { name, exact: true }).click();
  };
  await act('Shut out');
  await page.getByRole('dialog').getByRole('button', { name: 'Shut out' }).click();
  await row.getByText('shut out').waitFor();
  await axe(page);
  await act('Let in again');
  await row.getByText('shut out').waitFor({ state: 'detached' });
  await act('Remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There are no users of this name.').waitFor();
});

flow('a customer goes only when the name is typed', { as: 'operator' }, async ({ page, world }) => {
  const operator = await world.as('operator');
  const { id } = await operator<{ id: number }>('POST', '/customers', { name: 'Gone soon' });
  await page.goto(`/admin/customers/${id}`);
  await page.getByRole('button', { name: 'Remove' }).click();
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Remove' });
  assert.ok(await sure.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill('Gone soon');
  await sure.click();
  await page.waitForURL(/\/admin\/customers$/);
  await page.getByRole('link', { name: 'Compass' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Gone soon' }).count(), 0);
});

flow('the audit log tells who asked what, and that it is whole', { as: 'auditor' }, async (it) => {
  const { page, world } = it;
  const support = await world.as('support');
  await support('GET', '/rows?q=subject:audited-words&limit=1');
  await page.goto('/admin/audit?action=search');
  const row = page.getByRole('row').filter({ hasText: 'subject:audited-words' });
  await row.getByRole('button', { name: logins.support }).click();
  await page.waitForURL(/who=user/);
  await row.waitFor();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText('entries are as they were written').waitFor();
  await settled(page);
  await axe(page);
});

flow('who was removed has a name in the audit log', { as: 'owner' }, async ({ page, world }) => {
  const owner = await world.as('owner');
  const { id } = await owner<{ id: number }>('POST', '/customers', { name: 'Left & Gone' });
  await owner('DELETE', `/customers/${id}`);
  await page.goto(`/admin/audit?customer=${id}`);
  const row = page.getByRole('row').filter({ hasText: 'customer.add' });
  await row.getByText('Left & Gone', { exact: true }).waitFor();
  await row.getByText('removed', { exact: true }).waitFor();
  assert.equal(await row.getByRole('link').count(), 0);
  await page.goto(`/admin/audit?customer=${world.customers.compass}`);
  await page.getByRole('link', { name: 'Compass' }).first().waitFor();
  // Who is named by the address is chosen, and stays so.
  const field = page.getByLabel('Customer', { exact: true });
  await page.waitForFunction(
    (it) => (it as HTMLInputElement).value === 'Compass',
    await field.elementHandle(),
  );
  await settled(page);
  assert.match(page.url(), /customer=/);
});

flow(
  'SQL is asked with keys, and shows where it is wrong',
  {
    as: 'support',
    expects: wrong,
  },
  async ({ page }) => {
    await page.goto('/sql');
    const editor = page.getByRole('textbox', { name: 'SQL' });
    await editor.fill(
      'select kind, count(*) as rows\nfrom events\ngroup by kind order order by rows',
    );
    await editor.press('Control+Enter');
    await page.getByRole('button', { name: /^Line 3/ }).click();
    assert.equal(await editor.evaluate((it: HTMLTextAreaElement) => it.selectionStart > 40), true);
    await editor.fill('select kind, count(*) as rows from events group by kind order by rows desc');
    await editor.press('Control+Enter');
    await page.getByRole('cell', { name: 'message.accepted' }).waitFor();
    await axe(page);
    await page.getByRole('button', { name: 'Copy CSV' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /kind,rows\r?\n/);
  },
);

flow('a search is kept, changed, and removed', { as: 'support', expects: wrong }, async (it) => {
  const { page } = it;
  await page.goto('/admin/searches');
  await page.getByRole('button', { name: 'Add a search' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('bounces of today');
  await dialog.getByLabel('Question').fill('from:(');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Question').fill('status:bounced on:today');
  await dialog.getByRole('button', { name: 'Add' }).click();
  const row = page.getByRole('row').filter({ hasText: 'bounces of today' });
  await row.getByText('on:today').waitFor();
  await axe(page);
  await row.getByRole('button', { name: 'Remove' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await row.waitFor({ state: 'detached' });
});

flow(
  'a wrong old password is told at its field, and the session goes on',
  {
    as: 'support',
    expects: wrong,
  },
  async ({ page }) => {
    await page.goto('/me');
    await page.getByLabel('Password until now').fill('not the password');
    await page.getByLabel('New password').fill('another-horse-battery');
    await page.getByLabel('The same again').fill('another-horse-battery');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').getByText('wrong').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await axe(page);
  },
);

flow('sources and system tell who sends, and what there is', { as: 'support' }, async (it) => {
  const { page, world } = it;
  await world.goOn(50);
  await page.goto('/admin/sources');
  await page
    .getByRole('button', { name: /mx|store|out|exim/ })
    .first()
    .click();
  await page.waitForURL(/host=/);
  await settled(page);
  await axe(page);
  await page.goto('/admin/system');
  await page.getByText('Lines are taken into the archive.').waitFor();
  await page.getByRole('cell', { name: 'mx1', exact: true }).waitFor();
  await settled(page);
  await axe(page);
});

test('an entry of the audit log is told in words, whatever it holds', () => {
  assert.equal(told({ asked: 'from:anna@x.example' }), 'from:anna@x.example');
  assert.equal(
    told({ name: 'Compass', domains: ['a.example', 'b.example'], class: null }),
    'name: Compass · domains: a.example, b.example',
  );
  assert.equal(told({ name: '', mailboxes: [], user: 7 }), 'user: 7');
  assert.equal(told({}), '');
  assert.equal(told(null), '');
});

test('the place of a problem in SQL is found over lines', () => {
  const query = 'select a\nfrom evnts\nwhere';
  assert.deepEqual(place('... found: evnts at Line: 2, Column: 6', query), {
    ...{ line: 2, column: 6, text: 'from evnts', from: 14, until: 19 },
  });
  assert.equal(place('no place', query), undefined);
  assert.equal(place('at Line: 9, Column: 1', query), undefined);
});
