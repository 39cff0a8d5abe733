// Where events are sent: made, watched, sent again, removed.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { axe, fits, flow, screen, settled, stamp, type Ask } from './harness.ts';
import { eventWord, messageOf } from '../src/views/admin/webhooks.ts';

interface Came {
  signature: { timestamp: string; token: string; signature: string };
  'event-data': { event: string; recipient: string };
}

/** Takes events on loopback, and answers with the status that it is told. */
class Receiver {
  status = 200;
  readonly came: Came[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer(async (request, answer) => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      const event = JSON.parse(body) as Came;
      if (this.status === 200) this.came.push(event);
      answer.writeHead(this.status).end();
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A message of a customer that is refused for good now. */
function bounced(number: number): string[] {
  const [at, id] = [stamp(new Date()), `4A0000000${number}`];
  const to = 'to=<paul@gone.example>, relay=mx.gone.example[198.51.100.9]:25';
  const why =
    'host mx.gone.example[198.51.100.9] said: 550 5.1.1 no such user (in reply to RCPT TO command)';
  return [
    `${at} mx8 postfix/smtpd[51]: ${id}: client=desk.harbour.example[192.0.2.44], sasl_method=PLAIN, sasl_username=anna@harbour.example`,
    `${at} mx8 postfix/cleanup[52]: ${id}: message-id=<hook-${number}@harbour.example>`,
    `${at} mx8 postfix/qmgr[53]: ${id}: from=<anna@harbour.example>, size=2200, nrcpt=1 (queue active)`,
    `${at} mx8 postfix/smtp[54]: ${id}: ${to}, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (${why})`,
    `${at} mx8 postfix/qmgr[53]: ${id}: removed`,
  ];
}

/** Removes what a flow before has made. */
async function clear(ask: Ask): Promise<void> {
  const all = await ask<{ id: number }[]>('GET', '/webhooks');
  for (const { id } of all) await ask('DELETE', `/webhooks/${id}`);
}

/** Events are sent ten seconds after what they tell, and the list is asked for every five. */
const timeout = 60_000;

flow(
  'a webhook is made, waits, gives up, sends again, and goes',
  { as: 'admin' },
  async ({ page, world }) => {
    const receiver = new Receiver();
    try {
      const url = await receiver.start();
      receiver.status = 503;
      await clear(await world.as('admin'));
      await page.goto('/admin/webhooks');
      await page.getByText('Nothing is sent anywhere.').waitFor();
      // A customer has no other's to choose from.
      assert.equal(await page.getByLabel('Customer', { exact: true }).count(), 0);
      await page.getByRole('button', { name: 'Add a webhook' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Address').fill(url);
      await dialog.getByLabel('failed for good').check();
      await axe(page);
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      const key = (await dialog.locator('output').textContent()) ?? '';
      assert.match(key, /^[0-9a-f]{64}$/);
      await screen(page, 'webhook-key');
      await dialog.getByRole('button', { name: 'Close', exact: true }).click();
      const row = page.getByRole('row').filter({ hasText: url });
      await row.getByText('in order').waitFor();
      await row.getByText('failed for good').waitFor();

      await world.send(bounced(1));
      await row.getByText('not taken').waitFor({ timeout });
      await row.getByText('tried once').waitFor();
      await row.getByText('503').waitFor();
      await screen(page, 'webhook-waits');

      receiver.status = 406;
      const act = async (name: string) => {
        await row.getByRole('button', { name: `Change: ${url}` }).click();
        await row.getByRole('button', { name, exact: true }).click();
      };
      // What is changed is tried at once.
      await act('Change');
      assert.equal(await dialog.getByLabel('failed for good').isChecked(), true);
      assert.equal(await dialog.getByLabel('delivered').isChecked(), false);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await row.getByRole('button', { name: 'given up: 1' }).click({ timeout });
      await page.waitForURL(/of=\d+/);
      const dead = page.getByRole('row').filter({ hasText: 'paul@gone.example' });
      await dead.getByText('406').waitFor();
      await dead.getByText('paul@gone.example', { exact: true }).click();
      await dead.getByRole('link', { name: 'hook-1@harbour.example' }).waitFor();
      await settled(page);
      await axe(page);
      await screen(page, 'webhook-given-up');

      receiver.status = 200;
      await dead.getByRole('button', { name: 'Send again' }).click();
      await dead.waitFor({ state: 'detached', timeout });
      await page.getByText('Nothing was given up.').waitFor();
      assert.equal(receiver.came.length, 1);
      const { signature, 'event-data': event } = receiver.came[0]!;
      assert.equal(event.recipient, 'paul@gone.example');
      const text = signature.timestamp + signature.token;
      assert.equal(createHmac('sha256', key).update(text).digest('hex'), signature.signature);

      await act('Send again');
      await dialog.getByRole('button', { name: 'Send again' }).click();
      await dialog.waitFor({ state: 'detached' });
      const until = Date.now() + timeout;
      const again = () =>
        receiver.came.filter((it) => it['event-data'].recipient === 'paul@gone.example').length;
      while (again() < 2 && Date.now() < until) await page.waitForTimeout(100);
      assert.equal(again(), 2);

      await act('Remove');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByText('Nothing is sent anywhere.').waitFor();
    } finally {
      receiver.stop();
    }
  },
);

const wrong = /status of 400/;

flow(
  'staff choose whose webhooks, and are told what is wrong with an address',
  { as: 'operator', expects: wrong },
  async ({ page, world }) => {
    await clear(await world.as('other'));
    await page.goto('/admin/webhooks');
    await page.getByText('Choose a customer').waitFor();
    const add = page.getByRole('button', { name: 'Add a webhook' });
    assert.ok(await add.isDisabled());
    await page.getByLabel('Customer', { exact: true }).fill('Compass');
    await page.waitForURL(new RegExp(`customer=${world.customers.compass}$`));
    await page.getByText('Nothing is sent anywhere.').waitFor();
    await add.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('ftp://files.example/');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('alert').getByText('it should be like').waitFor();
    assert.equal(await dialog.getByLabel('Address').inputValue(), 'ftp://files.example/');
    await dialog.getByLabel('Address').fill('https://app.compass.example/events');
    await dialog.getByLabel('Send nothing for now').check();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'app.compass.example' });
    await row.getByText('paused').waitFor();
    await row.getByRole('cell', { name: 'all', exact: true }).waitFor();
    await settled(page);
    await axe(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await fits(page);
    await screen(page, 'webhooks-narrow');
  },
);

flow('who may not have events sent has no such view', { as: 'support' }, async ({ page }) => {
  await page.goto('/admin/webhooks');
  await page.getByText('You may not see this.').waitFor();
});

test('a given up event is told as webhooks name it, with its message', () => {
  assert.equal(eventWord({ event: 'failed', severity: 'temporary' }), 'temporary_fail');
  assert.equal(eventWord({ event: 'failed', severity: 'permanent' }), 'permanent_fail');
  assert.equal(eventWord({ event: 'opened' }), 'opened');
  assert.equal(eventWord({ event: 'unheard of' }), undefined);
  assert.equal(
    messageOf({ message: { headers: { 'message-id': 'a@b.example' } } }),
    '<a@b.example>',
  );
  assert.equal(messageOf({ message: {} }), undefined);
  assert.equal(messageOf({}), undefined);
});
