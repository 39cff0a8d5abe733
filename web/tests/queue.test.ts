// What waits: now, at a past moment, by what it has in common.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, flow, inClicks, screen, settled, stamp } from './harness.ts';
import { groups, ofCustomer, template, type Queued } from '../src/views/queue/groups.ts';

const MINUTE = 60_000;

/** A message that was put off 40 minutes ago, and got through 20 minutes ago. */
function putOff(now: number): string[] {
  const at = (minutes: number) => stamp(new Date(now - minutes * MINUTE));
  const to = 'to=<paul@late.example>, relay=mx.late.example[198.51.100.9]:25';
  const full =
    'host mx.late.example[198.51.100.9] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)';
  return [
    `${at(40)} mx7 postfix/smtpd[4100]: 3B2F41C0D9: client=desk.harbour.example[192.0.2.44]`,
    `${at(40)} mx7 postfix/cleanup[4101]: 3B2F41C0D9: message-id=<late-1@harbour.example>`,
    `${at(40)} mx7 postfix/qmgr[4102]: 3B2F41C0D9: from=<anna@harbour.example>, size=2200, nrcpt=1 (queue active)`,
    `${at(39)} mx7 postfix/smtp[4103]: 3B2F41C0D9: ${to}, delay=60, delays=1/1/50/8, dsn=4.2.2, status=deferred (${full})`,
    `${at(20)} mx7 postfix/smtp[4104]: 3B2F41C0D9: ${to}, delay=1200, delays=1/1190/1/8, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
    `${at(20)} mx7 postfix/qmgr[4102]: 3B2F41C0D9: removed`,
  ];
}

flow('what waited at a past moment is found, and its message', { as: 'support' }, async (it) => {
  const { page, world } = it;
  const now = Date.now();
  await world.send(putOff(now));
  await page.goto(`/queue?at=${new Date(now - 30 * MINUTE).toISOString()}`);
  await page.getByRole('button', { name: 'late.example' }).click();
  assert.match(page.url(), /of=late\.example/);
  const row = page.getByRole('row').filter({ hasText: 'paul@late.example' });
  await row.getByText('Mailbox full').waitFor();
  await row.getByText('within').waitFor();
  await page.getByRole('button', { name: 'Reason' }).click();
  await page.getByRole('button', { name: 'mailbox full' }).waitFor();
  await settled(page);
  await axe(page);
  // It has left the queue since.
  await page.keyboard.press('n');
  await row.waitFor({ state: 'detached' });
  assert.doesNotMatch(page.url(), /at=/);
  await page.goBack();
  await page.goto(`/queue?at=${new Date(now - 30 * MINUTE).toISOString()}`);
  await row.getByRole('link', { name: '3B2F41C0D9' }).click();
  await page.waitForURL(/\/message\/3B2F41C0D9/);
});

flow(
  'what is still in the queue for this customer: three clicks from anywhere',
  { as: 'support' },
  async ({ page, world }) => {
    const at = stamp(new Date(Date.now() - 10 * MINUTE));
    const lines = putOff(Date.now()).slice(0, 4);
    await world.send(
      lines.map((line) => at + line.replaceAll('3B2F41C0D9', '3B2F41C0F7').slice(at.length)),
    );
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Menu' }).getByText('Queue').click();
    await page.getByRole('button', { name: 'Our domain' }).click();
    await page.getByRole('button', { name: 'harbour.example', exact: true }).click();
    await page.waitForURL(/of=harbour\.example/);
    const row = page.getByRole('row').filter({ hasText: 'paul@late.example' });
    await row.getByText('Mailbox full').first().waitFor();
    // What waits of nobody else stands there.
    const others = page
      .getByRole('row')
      .filter({ hasText: '@' })
      .filter({ hasNotText: 'harbour.example' });
    assert.equal(await others.count(), 0);
    await inClicks(page, 3);
  },
);

flow('what waits of a customer is found by the name', { as: 'operator' }, async (it) => {
  const { page, world } = it;
  const now = Date.now();
  const theirs = putOff(now);
  const others = theirs.map((line) =>
    line
      .replaceAll('3B2F41C0D9', '3B2F41C0E0')
      .replaceAll('harbour.example', 'compass.example')
      .replaceAll('late.example', 'after.example')
      .replace('paul@', 'petra@'),
  );
  await world.send([...theirs, ...others]);
  await page.goto(`/queue?at=${new Date(now - 30 * MINUTE).toISOString()}`);
  const [paul, petra] = ['paul@late.example', 'petra@after.example'].map((name) =>
    page.getByRole('row').filter({ hasText: name }),
  );
  await paul!.first().waitFor();
  await petra!.first().waitFor();
  await page.getByLabel('Customer', { exact: true }).fill('Compass');
  await page.waitForURL(/customer=\d+/);
  await paul!.first().waitFor({ state: 'detached' });
  await petra!.first().waitFor();
  await settled(page);
  await axe(page);
  await screen(page, 'queue-customer');
  await page.reload();
  await petra!.first().waitFor();
  assert.match(page.url(), /customer=\d+/);
  assert.equal(await paul!.count(), 0);
});

test('what waits is a customer’s by domain or account', () => {
  const isTheirs = ofCustomer(['a.example'], ['anna@provider.example']);
  const of = (account: string | null) => isTheirs({ account } as Queued);
  assert.ok(of('x@a.example'));
  assert.ok(of('anna@provider.example'));
  assert.ok(!of('eve@provider.example'));
  assert.ok(!of('x@sub.a.example'));
  assert.ok(!of(null));
});

flow('keys and slider go through the day', { as: 'support' }, async ({ page }) => {
  await page.goto('/queue');
  await settled(page);
  const at = () => Date.parse(new URL(page.url()).searchParams.get('at') ?? '');
  /** Does something that leads to another moment. */
  const to = async (act: () => Promise<void>) => {
    const before = page.url();
    await act();
    await page.waitForURL((url) => url.href !== before);
    await settled(page);
  };
  await to(() => page.keyboard.press('['));
  const first = at();
  await to(() => page.keyboard.press('{'));
  assert.equal(first - at(), 60 * MINUTE);
  await to(() => page.getByRole('slider').press('ArrowRight'));
  assert.equal(first - at(), 55 * MINUTE);
  await page.getByRole('button', { name: 'Now' }).click();
  await page.waitForURL((url) => !url.searchParams.has('at'));
});

flow(
  'a customer sees what is theirs, and not our hosts',
  { as: 'other' },
  async ({ page, world }) => {
    const now = Date.now();
    await world.send(putOff(now));
    await page.goto(`/queue?at=${new Date(now - 30 * MINUTE).toISOString()}`);
    await settled(page);
    assert.equal(await page.getByText('late.example').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Host' }).count(), 0);
  },
);

const queued = (more: Partial<Queued>): Queued => ({
  ...{ host: 'mx1', queue_id: 'A1', since: '2026-11-20T10:00:00Z', state: 'deferred', attempts: 1 },
  ...more,
});
const at = Date.parse('2026-11-20T12:00:00Z');

test('recipients of one message are one message, and its bytes count once', () => {
  const two = [
    queued({ rcpt_to: 'a@X.example', size: 500 }),
    queued({ rcpt_to: 'b@x.example', size: 500 }),
    queued({ rcpt_to: 'c@y.example', queue_id: 'A2', size: 70 }),
  ];
  const found = groups(two, 'destination', at);
  assert.deepEqual(
    found.map(({ name, items, messages, bytes }) => [name, items.length, messages, bytes]),
    [
      ['x.example', 2, 1, 500],
      ['y.example', 1, 1, 70],
    ],
  );
});

test('groups by age go from young to old', () => {
  const since = ['2026-11-10T00:00:00Z', '2026-11-20T11:30:00Z', '2026-11-20T02:00:00Z'];
  const found = groups(
    since.map((since, number) => queued({ since, queue_id: `A${number}` })),
    'age',
    at,
  );
  assert.deepEqual(
    found.map((it) => it.name),
    ['1', '12', 'Infinity'],
  );
});

test('replies that differ by address and id alone are the same reason', () => {
  const one = '451 <anna@x.example>: odd answer 4bXyZ10QzKz1r from [192.0.2.7]';
  const two = '451 <berta@y.example>: odd answer 9cQaR22LmNp3s from [198.51.100.20]';
  assert.equal(template(one), template(two));
  assert.notEqual(template(one), template('451 <anna@x.example>: another answer'));
});
