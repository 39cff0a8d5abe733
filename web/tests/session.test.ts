// Who one is: the first run, logging in and out, a session that ends, a server that is away.

import assert from 'node:assert/strict';
import { flow, logins, password, settled } from './harness.ts';
import type { Page } from 'playwright-core';

const wrong = /401|403/;

async function logIn(page: Page, login: string, secret: string): Promise<void> {
  await page.getByLabel('Login', { exact: true }).fill(login);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Log in' }).click();
}

flow('the link that the daemon tells makes the first user', { bare: true }, async (it) => {
  const { page, daemon } = it;
  await page.goto('/');
  await page.getByText('link of the first run').waitFor();
  await page.goto(`/setup#${daemon.setupToken}`);
  await page.getByLabel('Login').fill('postmaster@demo.example');
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same again').fill('something else');
  await page.getByText('They are not the same').waitFor();
  await page.getByLabel('The same again').fill(password);
  await page.getByRole('button', { name: 'Make the user' }).click();
  await page.getByRole('navigation', { name: 'Menu' }).waitFor();
  assert.ok(!page.url().includes('wb_setup'), page.url());
});

flow('a login leads to where one wanted to go', { expects: wrong }, async ({ page }) => {
  await page.goto('/queue?group=domain');
  await logIn(page, logins.support, 'not the password');
  await page.getByRole('alert').getByText('wrong').waitFor();
  await logIn(page, logins.support, password);
  await page.getByRole('navigation', { name: 'Menu' }).waitFor();
  assert.match(page.url(), /\/queue\?group=domain$/);
});

flow('who logged out sees nothing any more', { expects: wrong }, async ({ page }) => {
  await page.goto('/me');
  await page.goto('/search?q=status:bounced');
  await logIn(page, logins.auditor, password);
  await page.getByRole('main').getByText('@').first().waitFor();
  await page.getByRole('button', { name: logins.auditor }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
});

flow(
  'a session that ends leaves what one was at',
  { as: 'support', expects: wrong },
  async (it) => {
    const { page, context, daemon } = it;
    // A session of its own, for it is ended.
    const [name = '', value = ''] = (await daemon.login(logins.support)).split('=');
    await context.addCookies([{ name, value, url: daemon.url }]);
    await page.goto('/search?q=status:bounced');
    await page.getByRole('main').getByText('@').first().waitFor();
    await daemon.asker(`${name}=${value}`)('DELETE', '/session');
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Your session has ended').waitFor();
    assert.match(page.url(), /\/queue/);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Log in' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await settled(page);
  },
);

flow(
  'without the server it is told, and gone on when it is back',
  {
    as: 'support',
    expects: /ERR_INTERNET_DISCONNECTED/,
  },
  async ({ page, context }) => {
    await page.goto('/search?q=status:bounced');
    await page.getByRole('main').getByText('@').first().waitFor();
    await context.setOffline(true);
    await page.keyboard.press('/');
    await page.keyboard.insertText(' kind:delivery');
    await page.keyboard.press('Enter');
    await page.getByText('The server does not answer').first().waitFor();
    await context.setOffline(false);
    await page.getByText('The server does not answer').first().waitFor({ state: 'hidden' });
  },
);

flow('what one may not see is said, and not asked for', { as: 'mailbox' }, async ({ page }) => {
  for (const path of ['/admin/users', '/admin/audit', '/admin/system']) {
    await page.goto(path);
    await page.getByText('You may not see this').waitFor();
  }
  const ways = page.getByRole('navigation', { name: 'Menu' });
  assert.equal(await ways.getByText('Administration').count(), 0);
});

flow('a link sets a new password once', { expects: wrong }, async ({ page, world }) => {
  const owner = await world.as('owner');
  const body = { login: 'new@demo.example', role: 'support' };
  const { id } = await owner<{ id: number }>('POST', '/users', body);
  const { token } = await owner<{ token: string }>('POST', `/users/${id}/link`, {});
  for (const answer of ['Done', 'not valid']) {
    await page.goto('/');
    await page.goto(`/reset#${token}`);
    await page.getByLabel('New password').fill('hedgehog-under-the-bridge');
    await page.getByLabel('The same again').fill('hedgehog-under-the-bridge');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText(answer).waitFor();
  }
});
