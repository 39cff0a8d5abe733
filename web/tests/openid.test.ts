// Logging in at an OpenID Connect provider: `oidc-provider` of npm, with its own forms.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { axe, Daemon, fits, flow, logins, password, screen, settled } from './harness.ts';
import { target, type FlowOptions } from './harness.ts';
import type { Page } from 'playwright-core';

const node = join(target, 'node');
const script = new URL('../../crates/waybill/tests/openid/provider.mjs', import.meta.url);
const providers: ChildProcess[] = [];

after(() => providers.forEach((it) => it.kill()));

/** A port of loopback that nobody has. */
async function free(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A provider that sends people back to a page; gives its issuer. */
async function provider(page: string): Promise<string> {
  const callback = `${page}/api/v1/session/openid/callback`;
  const args = ['--input-type=module', '--eval', readFileSync(script, 'utf8')];
  const env = { ...process.env, PORT: '0', REDIRECT: callback };
  const child = spawn('node', args, { cwd: node, env, stdio: ['ignore', 'pipe', 'ignore'] });
  providers.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('http://127.0.0.1:')) return line;
  }
  throw new Error('the provider ended');
}

/** A daemon whose people log in at a provider, and one of them. */
async function daemon(): Promise<Daemon> {
  const port = await free();
  const page = `http://127.0.0.1:${port}`;
  const issuer = await provider(page);
  const secret = `client_id = 'way bill'\nclient_secret = 'a secret: 100% & more'\n`;
  const openid = `[openid]\nissuer = '${issuer}'\nname = 'Harbour Login'\n${secret}`;
  const its = await Daemon.start(undefined, `url = '${page}/'\n${openid}`, port);
  const first = { token: its.setupToken, login: logins.owner, password };
  await its.asker()('POST', '/setup', first);
  const owner = its.asker(await its.login(logins.owner));
  await owner('POST', '/users', { login: logins.support, role: 'support' });
  return its;
}

/** Its forms ask for a font and an icon that are not there. */
const expects = /fonts\.googleapis|favicon/;

/** Logs in at the provider, which is asked by its own forms. */
async function logIn(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Log in with Harbour Login' }).click();
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

function atProvider(name: string, options: FlowOptions, body: Parameters<typeof flow>[2]): void {
  if (existsSync(join(node, 'node_modules/oidc-provider')))
    flow(name, { ...options, daemon, expects }, body);
  else test(name, { skip: '`oidc-provider` of npm is not installed' }, () => {});
}

atProvider('a login at a provider leads to the view that one wanted', {}, async ({ page }) => {
  await page.goto('/queue?group=domain');
  await logIn(page, logins.support);
  await page.getByRole('button', { name: logins.support }).waitFor();
  assert.match(page.url(), /\/queue\?group=domain$/);
  await page.goto('/me');
  await page.getByText('127.0.0.1').first().waitFor();
});

atProvider('whom nobody knows is told so', { look: 'narrow' }, async ({ page }) => {
  await page.goto('/queue?group=domain');
  await logIn(page, 'nobody@harbour.example');
  const told = page.getByRole('alert');
  await told.getByText('There is no user “nobody@harbour.example” here').waitFor();
  await settled(page);
  await axe(page);
  await fits(page);
  await screen(page, 'login-openid-narrow');
  // A password leads to the same place.
  await page.getByLabel('Login', { exact: true }).fill(logins.owner);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.waitForURL(/\/queue\?group=domain$/);
  await page.getByRole('heading', { name: 'Queue' }).waitFor();
});

atProvider('a link to the login tells no words of others', { language: 'it' }, async ({ page }) => {
  await page.goto('/login?trouble=unknown&to=https://evil.example/#call+us+at+555');
  await page.getByRole('alert').getByText('Qui non c’è un utente con questo nome').waitFor();
  const link = page.getByRole('link', { name: 'Accedi con Harbour Login' });
  assert.equal(await link.getAttribute('href'), '/api/v1/session/openid?to=%2F');
  await page.goto('/login?trouble=stale');
  await page.getByRole('alert').getByText('Ricomincia').waitFor();
});
