// What is watched: made, seen to hold, tried out, changed, removed.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { axe, fits, flow, screen, settled, stamp, type Ask } from './harness.ts';
import { evidenceOf, kindsOf, lookedAt, takesQuestion } from '../src/views/admin/alerts.ts';

interface Came {
  alert: { state: string; subjects: { name: string; count: number }[] };
}

/** Takes what alerts tell on loopback. */
class Receiver {
  readonly came: Came[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer(async (request, answer) => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      this.came.push(JSON.parse(body) as Came);
      answer.end();
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/alerts?to=anna,paul`;
  }

  states(): string[] {
    return this.came.map((it) => it.alert.state);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A message of a customer to a domain that refuses it for good now. */
function bounced(number: number, domain: string): string[] {
  const [at, id] = [stamp(new Date()), `4B${Date.now().toString(16).toUpperCase()}${number}`];
  const to = `to=<paul@${domain}>, relay=mx.lost.example[198.51.100.9]:25`;
  const why =
    'host mx.lost.example[198.51.100.9] said: 550 5.1.1 no such user (in reply to RCPT TO command)';
  return [
    `${at} mx8 postfix/smtpd[61]: ${id}: client=desk.harbour.example[192.0.2.44], sasl_method=PLAIN, sasl_username=anna@harbour.example`,
    `${at} mx8 postfix/cleanup[62]: ${id}: message-id=<${id}@harbour.example>`,
    `${at} mx8 postfix/qmgr[63]: ${id}: from=<anna@harbour.example>, size=2200, nrcpt=1 (queue active)`,
    `${at} mx8 postfix/smtp[64]: ${id}: ${to}, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (${why})`,
    `${at} mx8 postfix/qmgr[63]: ${id}: removed`,
  ];
}

/** Removes what a flow before has made. */
async function clear(ask: Ask, query = ''): Promise<void> {
  const all = await ask<{ id: number }[]>('GET', `/alerts${query}`);
  for (const { id } of all) await ask('DELETE', `/alerts/${id}`);
}

/** Rules are looked at each second here, and the list is asked for every five. */
const timeout = 60_000;
const wrong = /status of 400/;

flow(
  'an alert is made, holds with its evidence, is tried out, changed, and goes',
  { as: 'admin', expects: wrong },
  async ({ page, world }) => {
    const receiver = new Receiver();
    // A flow that is tried again finds bounces of the time before.
    const domain = `lost-${Date.now()}.example`;
    const asked = `status:bounced to:${domain}`;
    try {
      const url = await receiver.start();
      await clear(await world.as('admin'));
      await page.goto('/admin/alerts');
      await page.getByText('Nothing is watched.').waitFor();
      // A customer has no other's to choose from, and knows of no hosts.
      assert.equal(await page.getByLabel('Customer', { exact: true }).count(), 0);
      await page.getByRole('button', { name: 'Add an alert' }).click();
      const dialog = page.getByRole('dialog');
      const question = dialog.getByLabel('Question');
      await dialog.getByLabel('Name').fill('Mail to the lost');
      await question.fill(`status:bounced tp:${domain}`);
      await dialog.getByLabel('Counted by').fill('account');
      await dialog.getByLabel('From').fill('2');
      await dialog.getByLabel('Receivers').fill('boss');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await dialog.locator('mark').filter({ hasText: 'tp' }).waitFor();
      assert.equal(await question.getAttribute('aria-invalid'), 'true');
      await axe(page);
      await screen(page, 'alert-wrong');

      await question.fill(asked);
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await dialog.getByRole('alert').getByText('it should be like').waitFor();
      const receivers = dialog.getByLabel('Receivers');
      assert.equal(await receivers.getAttribute('aria-invalid'), 'true');
      await receivers.fill(url);
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      const key = (await dialog.locator('output').textContent()) ?? '';
      assert.match(key, /^[0-9a-f]{64}$/);
      await dialog.getByRole('button', { name: 'Close', exact: true }).click();
      const row = page.getByRole('row').filter({ hasText: 'Mail to the lost' });
      await row.getByText('quiet', { exact: true }).waitFor({ timeout });
      await row.getByText('by account · from 2 · 1 h').waitFor();

      await world.send([...bounced(1, domain), ...bounced(2, domain)]);
      await row.getByText('holds', { exact: true }).waitFor({ timeout });
      await row.getByText('anna@harbour.example').waitFor();
      await row.getByText('2 rows').waitFor();
      const { searchParams } = new URL(
        (await row.getByRole('link', { name: 'Rows' }).getAttribute('href')) ?? '',
        page.url(),
      );
      assert.equal(searchParams.get('q'), asked);
      assert.match(searchParams.get('range') ?? '', /^\S+Z\.\.\S+Z$/);
      const until = Date.now() + timeout;
      while (receiver.came.length < 1 && Date.now() < until) await page.waitForTimeout(100);
      assert.deepEqual(receiver.states(), ['firing']);
      assert.equal(receiver.came[0]!.alert.subjects[0]!.count, 2);

      const act = async (name: string) => {
        await row.getByRole('button', { name: 'Change: Mail to the lost' }).click();
        await row.getByRole('button', { name, exact: true }).click();
      };
      await act('When it held');
      await page.waitForURL(/of=\d+/);
      const held = page.getByRole('row').filter({ hasText: 'still holds' });
      await held.getByText('the 2 newest rows').click();
      await held.getByText('no such user').first().waitFor();
      await settled(page);
      await axe(page);
      await screen(page, 'alert-holds');
      const wide = page.viewportSize()!;
      await page.setViewportSize({ width: 360, height: 740 });
      await fits(page);
      await screen(page, 'alert-holds-narrow');
      await page.setViewportSize(wide);

      await act('Send a test');
      await dialog.getByText('took it').waitFor();
      assert.deepEqual(receiver.states(), ['firing', 'test']);
      await dialog.getByRole('button', { name: 'Close', exact: true }).click();

      await act('Pause');
      await row.getByText('paused').waitFor();
      await act('Watch again');
      await row.getByText('paused').waitFor({ state: 'detached' });
      await act('Change');
      assert.equal(await question.inputValue(), asked);
      assert.equal(await dialog.getByLabel('Quiet minutes').inputValue(), '240');
      await dialog.getByLabel('From').fill('90');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await row.getByText('by account · from 90 · 1 h').waitFor();
      await row.getByText('quiet', { exact: true }).waitFor({ timeout });

      await act('Remove');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByText('Nothing is watched.').waitFor();
    } finally {
      receiver.stop();
    }
  },
);

flow(
  'staff watch the whole installation or a customer, with what is usual for a kind',
  { as: 'operator', look: 'dark', language: 'it' },
  async ({ page, world }) => {
    const operator = await world.as('operator');
    const of = `?customer=${world.customers.compass}`;
    await clear(operator);
    await clear(operator, of);
    await operator('POST', `/alerts${of}`, {
      name: 'Logins of Compass',
      kind: 'many_failures',
      receivers: ['mailto:ops@compass.example'],
      is_disabled: true,
    });
    await page.goto('/admin/alerts');
    await page.getByText('Non si sorveglia nulla.').waitFor();
    await page.getByRole('button', { name: 'Aggiungi un avviso' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Nome').fill('Crescita');
    await dialog.getByLabel('Che cosa si sorveglia').selectOption('queue_growth');
    assert.equal(await dialog.getByLabel('Domanda').count(), 0);
    assert.equal(await dialog.getByLabel('Percento').inputValue(), '200');
    assert.equal(await dialog.getByLabel('Da', { exact: true }).inputValue(), '1000');
    await dialog.getByLabel('Riceventi').fill('mailto:ops@example.org');
    await axe(page);
    await screen(page, 'alert-form-dark');
    await dialog.getByRole('button', { name: 'Aggiungi', exact: true }).click();
    await dialog.getByRole('button', { name: 'Chiudi', exact: true }).click();
    await page.getByRole('row').filter({ hasText: 'Crescita della coda' }).waitFor();
    await page.getByText('Logins of Compass').waitFor({ state: 'detached' });
    await page.getByText('quieto', { exact: true }).waitFor({ timeout });
    await axe(page);
    await screen(page, 'alerts-dark');

    await page.getByLabel('Cliente', { exact: true }).fill('Compass');
    await page.waitForURL(new RegExp(`customer=${world.customers.compass}$`));
    const row = page.getByRole('row').filter({ hasText: 'Logins of Compass' });
    await row.getByText('in pausa').waitFor();
    await settled(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await fits(page);
    await screen(page, 'alerts-narrow');
    await clear(operator);
    await clear(operator, of);
  },
);

flow('who may not manage alerts has no such view', { as: 'support' }, async ({ page }) => {
  await page.goto('/admin/alerts');
  await page.getByText('You may not see this.').waitFor();
});

test('what was found is read, with the time that was looked at', () => {
  const told = {
    kind: 'search',
    at: '2026-11-23T12:00:00Z',
    window_seconds: 3_600,
    subjects: [],
    subjects_more: 0,
    question: 'status:bounced',
    samples: [],
  };
  const until = Date.parse(told.at);
  assert.deepEqual(lookedAt(evidenceOf(told)!), [until - 3_600_000, until]);
  assert.equal(evidenceOf(null), undefined);
  assert.equal(evidenceOf({ ...told, kind: 'unheard_of' }), undefined);
});

test('a customer has all kinds but that of hosts', () => {
  assert.deepEqual(
    kindsOf(false).filter((it) => !kindsOf(true).includes(it)),
    ['silent_host'],
  );
  assert.deepEqual(
    kindsOf(false).filter((it) => !takesQuestion(it)),
    ['queue_growth', 'silent_host'],
  );
});
