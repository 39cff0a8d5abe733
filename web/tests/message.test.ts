// What happened to a message: a support person's questions, from the search box on.

import assert from 'node:assert/strict';
import {
  axe,
  fits,
  flow,
  inClicks,
  screen,
  settled,
  stamp,
  type TrueMessage,
  type World,
} from './harness.ts';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { earliest } from '../src/views/message/expiry.ts';
import { nextWait, UNTIL_MS } from '../src/views/message/waiting.ts';

const path = (what: string) => `/message/${encodeURIComponent(what)}`;

/** The part of the page that tells of a recipient. */
const about = (page: Page, rcpt_to: string) =>
  page.getByRole('article', { name: rcpt_to, exact: true });

const ended = (outcome: string) => (it: TrueMessage) =>
  it.recipients.some((rcpt) => rcpt.outcome === outcome) && it.message_id !== null;

/** A recipient with this end. */
function recipient(message: TrueMessage, outcome: string) {
  return message.recipients.find((it) => it.outcome === outcome)!;
}

/** Of those messages the one of which the failed recipient got the fewest: its rows are seen at once. */
function rarest(world: World, holds: (it: TrueMessage) => boolean): TrueMessage {
  const count = (it: TrueMessage) => {
    const { rcpt_to } = recipient(it, 'bounced');
    return world.truth.filter((other) => other.recipients.some((rcpt) => rcpt.rcpt_to === rcpt_to))
      .length;
  };
  const all = world.truth.filter((it) => !it.probe && holds(it));
  return all.toSorted((a, b) => count(a) - count(b))[0]!;
}

/** What is typed into the search box, and its rows. */
async function typed(page: Page, text: string): Promise<void> {
  await page.goto('/search');
  await page.getByRole('combobox').fill(text);
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  await settled(page);
}

const open = async (page: Page, what: string) => {
  await page.goto(path(what));
  await settled(page);
};

flow(
  'where is my mail: in the mailbox, and in which folder',
  { as: 'support' },
  async ({ page, world }) => {
    const mail = world.find(
      (it) => it.recipients.length === 1 && it.recipients[0]!.mailbox !== null,
    );
    await open(page, mail.message_id!);
    const text = await about(page, mail.recipients[0]!.rcpt_to).innerText();
    assert.match(text, /In the mailbox of/);
    assert.ok(text.includes(mail.recipients[0]!.mailbox!));
  },
);

flow(
  'why did it bounce and what do I tell the customer: three clicks from the address',
  { as: 'support' },
  async ({ page, world }) => {
    const mail = rarest(world, (it) => ended('bounced')(it) && it.sasl_username !== null);
    const bounced = recipient(mail, 'bounced');
    await typed(page, bounced.rcpt_to);
    // One: what bounced. Two: its message.
    await page.getByRole('row').filter({ hasText: 'bounced' }).first().click();
    await page.getByRole('link', { name: 'The whole message' }).click();
    await page.waitForURL(/\/message\//);
    await settled(page);
    const part = about(page, bounced.rcpt_to);
    assert.match(await part.innerText(), /Not delivered to .* because /s);
    assert.match(await part.locator('blockquote').innerText(), /5\d\d/);
    // Three: what to say is copied.
    await part.getByRole('button', { name: 'Copy sentence and tip' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^Not delivered to [^\n]+\n[A-Z][^\n]+\.$/);
    await inClicks(page, 3);
    assert.doesNotMatch(copied, /[\u2066-\u2069]/);
  },
);

flow('a bounce and its original lead to each other', { as: 'support' }, async ({ page, world }) => {
  const mail = world.find((it) => ended('bounced')(it) && it.dsns.length === 1);
  await open(page, mail.message_id!);
  await page.getByRole('link', { name: 'Show it' }).click();
  await page.waitForURL((url) => url.pathname === path(mail.dsns[0]!.queue_id));
  await settled(page);
  await page.getByText('This is a notification about another message').waitFor();
  const origin = mail.items.map((it) => it.queue_id);
  const link = page.getByRole('listitem').filter({ hasText: 'notification about another' });
  assert.ok(origin.includes(await link.getByRole('link').innerText()));
});

flow(
  'original lines are one key away, and the link keeps them',
  { as: 'support' },
  async ({ page, world }) => {
    const mail = world.find((it) => it.items[0]!.instance === 'postfix');
    await open(page, mail.message_id!);
    const line = page.getByText(`${mail.items[0]!.queue_id}: removed`).first();
    assert.equal(await line.count(), 0);
    await page.keyboard.press('r');
    await line.waitFor();
    assert.match(page.url(), /lines=1/);
    await page.reload();
    await line.waitFor();
    await page.keyboard.press('r');
    await line.waitFor({ state: 'detached' });
  },
);

flow(
  'each recipient has its own end, the worst first',
  { as: 'support' },
  async ({ page, world }) => {
    const isMixed = (it: TrueMessage) =>
      ended('bounced')(it) && it.recipients.some((rcpt) => /delivered|relayed/.test(rcpt.outcome));
    const mail = world.find(isMixed);
    await open(page, mail.message_id!);
    const first = page.getByRole('article').first();
    assert.ok((await first.innerText()).includes(recipient(mail, 'bounced').rcpt_to));
    const good = mail.recipients.find((it) => /delivered|relayed/.test(it.outcome))!;
    await about(page, good.rcpt_to).waitFor();
  },
);

/** Lines of a message that was put off twice and waits. */
function waiting(queue_id: string): string[] {
  const at = (minutes: number) => stamp(new Date(Date.now() - minutes * 60_000));
  const to = 'to=<late@slow.example>, relay=mx.slow.example[192.0.2.9]:25, delay=1';
  const said = 'host mx.slow.example[192.0.2.9] said: 450 4.2.0 Greylisted, come back later';
  const put = `${to}, delays=0.1/0/0.4/0.5, dsn=4.2.0, status=deferred (${said} (in reply to RCPT TO command))`;
  return [
    `${at(30)} out1 postfix/submission/smtpd[901]: ${queue_id}: client=unknown[198.51.100.9], sasl_method=PLAIN, sasl_username=anna@harbour.example`,
    `${at(30)} out1 postfix/cleanup[902]: ${queue_id}: message-id=<waits.${queue_id}@harbour.example>`,
    `${at(30)} out1 postfix/qmgr[903]: ${queue_id}: from=<anna@harbour.example>, size=1200, nrcpt=1 (queue active)`,
    `${at(29)} out1 postfix/smtp[904]: ${queue_id}: ${put}`,
    `${at(20)} out1 postfix/smtp[905]: ${queue_id}: ${put}`,
  ];
}

async function sent(world: World, lines: string[], q: string): Promise<void> {
  await world.send(lines);
  const ask = await world.as('owner');
  for (;;) {
    const { rows } = await ask<{ rows: unknown[] }>('GET', `/rows?q=${encodeURIComponent(q)}`);
    if (rows.length) return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

flow(
  'what still waits says so, why, and that more will come',
  { as: 'support' },
  async ({ page, world }) => {
    await sent(world, waiting('4wAiTs1Tqqz1'), 'id:4wAiTs1Tqqz1 kind:delivery.deferred');
    await open(page, '4wAiTs1Tqqz1');
    await page.getByText('It is still in a queue').waitFor();
    const text = await about(page, 'late@slow.example').innerText();
    assert.match(text, /put it off 2 times/);
    assert.match(text, /greylisted/);
    assert.match(text, /Do not send again/);
  },
);

flow('in Italian', { as: 'support', language: 'it' }, async ({ page, world }) => {
  await sent(world, waiting('4wAiTs2Tqqz1'), 'id:4wAiTs2Tqqz1 kind:delivery.deferred');
  await open(page, '4wAiTs2Tqqz1');
  const text = await about(page, 'late@slow.example').innerText();
  assert.match(text, /Non ancora consegnato a/);
  assert.match(text, /Non inviare di nuovo/);
});

flow('what was refused at the door has a page too', { as: 'support' }, async ({ page, world }) => {
  const ask = await world.as('support');
  const q = encodeURIComponent('kind:message.rejected text:"Relay access denied"');
  const { rows } = await ask<{ rows: { id: string }[] }>('GET', `/rows?limit=1&q=${q}`);
  await open(page, rows[0]!.id);
  await page.getByText(/^Our server refused a message from/).waitFor();
  await page.getByText('NOQUEUE: reject').waitFor();
});

flow('a customer is told the same of his own mail', { as: 'admin' }, async ({ page, world }) => {
  const isOwn = (address: string) => address.endsWith('@harbour.example');
  const mail = world.find(
    (it) =>
      it.recipients.length === 1 &&
      isOwn(it.recipients[0]!.rcpt_to) &&
      it.recipients[0]!.mailbox !== null,
  );
  await open(page, mail.message_id!);
  await page.getByText('Shown is what concerns your own mailboxes.').waitFor();
  const text = await about(page, mail.recipients[0]!.rcpt_to).innerText();
  assert.match(text, /In the mailbox of/);
  const all = await page.getByRole('main').innerText();
  for (const item of mail.items) assert.doesNotMatch(all, new RegExp(`\\b${item.host}\\b(?!\\.)`));
});

flow("another's message is not there", { as: 'other' }, async ({ page, world }) => {
  const isOther = (it: TrueMessage) =>
    it.mail_from.endsWith('.test') &&
    it.recipients.every((rcpt) => rcpt.rcpt_to.endsWith('@harbour.example'));
  await open(page, world.find(isOther).message_id!);
  await page.getByRole('heading', { name: 'Nothing is known of it' }).waitFor();
});

flow('what was just sent shows up when it comes', { as: 'support' }, async ({ page, world }) => {
  await open(page, '4jUsTs3nTqz');
  await page.getByRole('heading', { name: 'Nothing is known of it' }).waitFor();
  await page.getByText('shows up here by itself').waitFor();
  await axe(page);
  await screen(page, 'message-unknown');
  // Nothing moves or goes while it is asked for again.
  const heading = page.getByRole('heading', { name: 'Nothing is known of it' });
  const handle = await heading.elementHandle();
  await page.waitForResponse((it) => it.url().includes('/trace?'));
  assert.ok(await handle!.isVisible());
  await world.send(waiting('4jUsTs3nTqz'));
  await about(page, 'late@slow.example').waitFor();
});

test('what is not known is asked for soon, then seldom, then no more', () => {
  const waits: number[] = [];
  let passed = 0;
  for (let wait = nextWait(0); wait !== undefined; wait = nextWait(passed)) {
    waits.push(wait);
    passed += wait;
  }
  assert.deepEqual(waits.slice(0, 4), [2_000, 2_000, 2_000, 3_000]);
  assert.ok(waits.length < 35, `${waits.length} questions`);
  assert.ok(passed >= UNTIL_MS && passed < UNTIL_MS + 30_000);
});

flow('until when a message is kept is told', { as: 'operator' }, async ({ page, world }) => {
  const mail = world.find(ended('bounced'));
  await open(page, mail.message_id!);
  const kept = page.getByRole('main').locator('dl div').filter({ hasText: 'Kept until' });
  await kept.getByText('for ever').waitFor();
  await kept.getByText('standard').waitFor();
  const classes = [{ name: 'standard', days: 30 }];
  await page.route('**/api/v1/retention', (route) => route.fulfill({ json: classes }));
  await page.reload();
  await kept.getByText('(standard, 30 days)').waitFor();
  const first = Math.min(...mail.items.map((it) => it.first_seen_us / 1000));
  const until = new Date(first + 30 * 86_400_000).toISOString().slice(0, 10);
  assert.equal((await kept.locator('time').getAttribute('datetime'))!.slice(0, 10), until);
  await axe(page);
  await screen(page, 'message-kept');
});

test('what goes first says until when all is there', () => {
  const classes = new Map([...Object.entries({ short: 30, standard: 90, old: null })]);
  const at = (day: string) => Date.parse(`${day}T12:00:00Z`);
  const of = (...parts: [string, string][]) =>
    earliest(
      parts.map(([name, first]) => ({ class: name, first })),
      classes,
    );
  assert.equal(of(['standard', '2026-01-01'])?.until, at('2026-04-01'));
  assert.equal(of(['standard', '2026-01-01'], ['short', '2026-01-02'])?.until, at('2026-02-01'));
  assert.equal(of(['old', '2026-01-01'])?.until, undefined);
  assert.equal(of(['held', '2026-01-01'], ['short', '2026-01-02'])?.class, 'short');
  assert.equal(of(), undefined);
});

/** Lines of a message that two hosts gave the same queue id. */
function twice(queue_id: string): string[] {
  return ['mx1', 'mx2'].flatMap((host, minute) => {
    const at = stamp(new Date(Date.now() - (50 - minute) * 60_000));
    return [
      `${at} ${host} postfix/smtpd[1]: ${queue_id}: client=mx.friend.test[192.0.2.33]`,
      `${at} ${host} postfix/cleanup[2]: ${queue_id}: message-id=<${host}.${queue_id}@friend.test>`,
      `${at} ${host} postfix/qmgr[3]: ${queue_id}: from=<friend@friend.test>, size=900, nrcpt=1 (queue active)`,
      `${at} ${host} postfix/virtual[4]: ${queue_id}: to=<${host}@harbour.example>, relay=virtual, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)`,
      `${at} ${host} postfix/qmgr[3]: ${queue_id}: removed`,
    ];
  });
}

flow(
  'several messages of one queue id: a list, the newest on top',
  { as: 'support' },
  async ({ page, world }) => {
    await sent(world, twice('4tWiCeqqz1'), 'id:4tWiCeqqz1 to:mx2@harbour.example');
    await open(page, '4tWiCeqqz1');
    const all = page.getByRole('main').getByRole('listitem');
    await all.nth(1).waitFor();
    assert.match(await all.first().innerText(), /mx2@harbour/);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/[?&]of=/);
    await about(page, 'mx2@harbour.example').waitFor();
    await page.getByRole('button', { name: 'All found' }).click();
    await page.getByText('the newest first').waitFor();
  },
);

flow('an address has a page of its own', { as: 'support' }, async ({ page }) => {
  await page.goto('/message/gretacooper16@harbour.example');
  await page.waitForURL(/\/account\/gretacooper16/);
});

flow(
  'a ticket gets it as Markdown, with foreign text as code',
  { as: 'support' },
  async ({ page, world }) => {
    const mail = world.find(ended('bounced'));
    await open(page, mail.message_id!);
    await page.getByRole('button', { name: 'Copy for a ticket' }).click();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(text.includes(`\`${mail.message_id}\``));
    assert.ok(text.includes(`\`${recipient(mail, 'bounced').rcpt_to}\``));
    assert.ok(text.trimEnd().endsWith(page.url()));
  },
);

for (const look of ['light', 'dark', 'narrow'] as const) {
  flow(`a message is told to all, ${look}`, { as: 'support', look }, async ({ page, world }) => {
    const mail = world.find((it) => ended('bounced')(it) && it.items.length > 1);
    await open(page, mail.message_id!);
    await page.keyboard.press('r');
    await settled(page);
    await fits(page);
    await axe(page);
    await screen(page, `message-${look}`);
  });
}
