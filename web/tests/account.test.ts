// The story of an account: was it stolen, what did the thief do, who deleted it, what waits.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { axe, fits, flow, inClicks, screen, settled, stamp, type World } from './harness.ts';
import type { Page } from 'playwright-core';

const THIEF = '203.0.113.77';
const VICTIM = 'victim@harbour.example';
/** As an attacker would like a spreadsheet to read it. */
const FORMULA = '=cmd|calc';

/** Lines of a mailbox whose password is guessed: two messages come, one is deleted, twenty-four are sent. */
function theft(): string[] {
  const began = Date.now() - 3 * 3_600_000;
  const lines: [number, string][] = [];
  const tell = (minute: number, text: string) => lines.push([began + minute * 60_000, text]);
  const session = (n: number) => `thief${String(n).padStart(11, '0')}`;
  const own = 'owner0000000001';
  tell(
    0,
    `store1 dovecot: imap-login: Login: user=<${VICTIM}>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.21, mpid=71, TLS, session=<${own}>`,
  );
  for (const n of [1, 2]) {
    const queue_id = `4tHeFtIn${n}qz1`;
    tell(n, `store1 postfix/smtpd[31]: ${queue_id}: client=mx.friend.test[192.0.2.33]`);
    tell(n, `store1 postfix/cleanup[32]: ${queue_id}: message-id=<letter${n}@friend.test>`);
    tell(
      n,
      `store1 postfix/qmgr[33]: ${queue_id}: from=<friend@friend.test>, size=2000, nrcpt=1 (queue active)`,
    );
    tell(
      n,
      `store1 dovecot: lmtp(${VICTIM})<34><lmtp000000000${n}>: sieve: msgid=<letter${n}@friend.test>: stored mail into mailbox 'INBOX'`,
    );
    tell(
      n,
      `store1 postfix/lmtp[35]: ${queue_id}: to=<${VICTIM}>, relay=store1[private/dovecot-lmtp], delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 <${VICTIM}> lmtp000000000${n} Saved)`,
    );
    tell(n, `store1 postfix/qmgr[33]: ${queue_id}: removed`);
  }
  tell(
    3,
    `store1 dovecot: imap(${VICTIM})<71><${own}>: Disconnected: Logged out in=90 out=900 deleted=0 expunged=0 trashed=0 hdr_count=2 hdr_bytes=600 body_count=2 body_bytes=4000`,
  );
  for (let n = 0; n < 12; n += 1) {
    tell(
      60 + n / 10,
      `store1 dovecot: auth: passwd-file(${VICTIM},${THIEF},<${session(n)}>): Password mismatch`,
    );
    tell(
      60 + n / 10,
      `store1 dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<${VICTIM}>, method=PLAIN, rip=${THIEF}, lip=192.0.2.21, TLS, session=<${session(n)}>`,
    );
  }
  const won = session(99);
  tell(
    62,
    `store1 dovecot: imap-login: Login: user=<${VICTIM}>, method=PLAIN, rip=${THIEF}, lip=192.0.2.21, mpid=72, TLS, session=<${won}>`,
  );
  tell(
    63,
    `store1 dovecot: imap(${VICTIM})<72><${won}>: delete: box=INBOX, uid=1, msgid=<letter1@friend.test>, size=2000, vsize=2050`,
  );
  tell(
    63,
    `store1 dovecot: imap(${VICTIM})<72><${won}>: expunge: box=INBOX, uid=1, msgid=<letter1@friend.test>, size=2000, vsize=2050`,
  );
  tell(
    64,
    `store1 dovecot: imap(${VICTIM})<72><${won}>: copy from INBOX: box=${FORMULA}, uid=9, msgid=<letter2@friend.test>, size=2000, vsize=2050`,
  );
  for (let n = 0; n < 24; n += 1) {
    const queue_id = `4tHeFt${String(n).padStart(2, '0')}qz1`;
    const minute = 65 + n / 6;
    tell(
      minute,
      `out1 postfix/submission/smtpd[41]: ${queue_id}: client=unknown[${THIEF}], sasl_method=PLAIN, sasl_username=${VICTIM}`,
    );
    tell(minute, `out1 postfix/cleanup[42]: ${queue_id}: message-id=<offer${n}@thief.test>`);
    tell(
      minute,
      `out1 postfix/qmgr[43]: ${queue_id}: from=<${VICTIM}>, size=900, nrcpt=1 (queue active)`,
    );
    tell(
      minute,
      `out1 postfix/smtp[44]: ${queue_id}: to=<someone${n}@far.test>, relay=mx.far.test[192.0.2.66]:25, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as F${n})`,
    );
    tell(minute, `out1 postfix/qmgr[43]: ${queue_id}: removed`);
  }
  return lines.map(([at, text]) => `${stamp(new Date(at))} ${text}`);
}

let stolen: Promise<void> | undefined;

/** Sends the lines once; all flows look at the same theft. */
function happened(world: World): Promise<void> {
  return (stolen ??= (async () => {
    await world.send(theft());
    const ask = await world.as('owner');
    const q = encodeURIComponent(`account:${VICTIM} to:someone23@far.test kind:delivery`);
    for (;;) {
      const { rows } = await ask<{ rows: unknown[] }>('GET', `/rows?q=${q}`);
      if (rows.length) return;
      await new Promise((done) => setTimeout(done, 100));
    }
  })());
}

/** From the search box to the story: a row, and its account. */
async function find(page: Page, account: string): Promise<void> {
  await page.goto('/search');
  await page.getByRole('combobox').fill(account);
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  await settled(page);
  await page.getByRole('row').filter({ hasText: account }).first().click();
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await page.waitForURL(/\/account\//);
  await settled(page);
}

async function open(page: Page, account: string, query = ''): Promise<void> {
  await page.goto(`/account/${account}${query}`);
  await settled(page);
}

flow(
  'was my account stolen, and what did the thief do: three clicks from the address',
  { as: 'support' },
  async ({ page, world }) => {
    await happened(world);
    await find(page, VICTIM);
    const alarm = page.getByText(
      /^12 failed logins from 203\.0\.113\.77 since .*, then one that succeeded/,
    );
    await alarm.waitFor();
    await page.getByText(/^24 messages sent within /).waitFor();
    await page
      .getByRole('button', { name: `Tell ${THIEF} apart` })
      .first()
      .click();
    await page.waitForURL(/split=203/);
    await settled(page);
    const thief = page.getByRole('article', { name: 'The chosen addresses' });
    const others = page.getByRole('article', { name: 'All others' });
    await thief.getByText('26 messages touched').waitFor();
    assert.match(await thief.innerText(), /Failed logins\s+12/);
    assert.match(await thief.innerText(), /Sent\s+24/);
    assert.match(await others.innerText(), /Failed logins\s+0/);
    assert.match(await others.innerText(), /Sent\s+0/);
    await inClicks(page, 3);
  },
);

flow(
  'what the thief touched is kept as a table that is no program',
  { as: 'support' },
  async ({ page, world }) => {
    await happened(world);
    await open(page, VICTIM, `?split=${THIEF}`);
    const thief = page.getByRole('article', { name: 'The chosen addresses' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      thief.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const text = await readFile((await download.path())!, 'utf8');
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines.length, 27);
    assert.match(text, /<letter1@friend\.test>/);
    assert.match(text, /someone23@far\.test/);
    assert.ok(text.includes(`'${FORMULA}`));
    assert.doesNotMatch(text, /(^|,)"?=/m);
  },
);

flow(
  'who deleted it: three clicks from the address',
  { as: 'support' },
  async ({ page, world }) => {
    await happened(world);
    await find(page, VICTIM);
    const entry = page.getByRole('listitem').filter({ hasText: /1 removed/ });
    assert.ok((await entry.innerText()).includes(THIEF));
    await entry.locator('summary').click();
    await inClicks(page, 3);
    // Whoever wants it from the message is told there too.
    await entry.getByRole('link', { name: '<letter1@friend.test>' }).click();
    await settled(page);
    await page
      .getByText(new RegExp(`Deleted by .*${VICTIM}.* from .*${THIEF}.* over IMAP`))
      .waitFor();
  },
);

flow('where is my mail: two clicks from the address', { as: 'mailbox' }, async ({ page }) => {
  await open(page, 'gretacooper16@harbour.example');
  await page
    .getByRole('group', { name: 'What happened' })
    .getByRole('button', { name: 'Received' })
    .click();
  await settled(page);
  const entry = page.getByRole('listitem').filter({ hasText: 'delivered' }).first();
  await entry.getByRole('link').last().click();
  await page.waitForURL(/\/message\//);
  await settled(page);
  await page
    .getByText(/^In the mailbox of/)
    .first()
    .waitFor();
  await inClicks(page, 2);
});

flow('the link reproduces range, kind and split', { as: 'support' }, async ({ page, world }) => {
  await happened(world);
  await open(page, VICTIM, `?range=last+24+hours&show=failed&split=${THIEF}`);
  await page.getByRole('button', { name: 'Last 24 hours' }).waitFor();
  const tabs = page.getByRole('group', { name: 'What happened' });
  assert.equal(await tabs.getByRole('button', { pressed: true }).innerText(), 'Failed logins');
  await page.getByText('12 failed logins', { exact: true }).waitFor();
  assert.ok(await page.getByRole('checkbox', { name: THIEF }).isChecked());
});

flow(
  'nothing unusual is said with what was looked at',
  { as: 'support' },
  async ({ page, world }) => {
    await world.send([
      `${stamp(new Date(Date.now() - 60_000))} store1 dovecot: imap-login: Login: user=<calm@harbour.example>, method=PLAIN, rip=198.51.100.9, lip=192.0.2.21, mpid=77, TLS, session=<calm000000000001>`,
    ]);
    await page.waitForTimeout(1_500);
    await open(page, 'calm@harbour.example');
    await page.getByText(/^Nothing unusual by these measures/).waitFor();
    await page.getByRole('cell', { name: 'Italy' }).waitFor();
  },
);

flow('an account that nobody knows', { as: 'support' }, async ({ page }) => {
  await open(page, 'nobody@harbour.example');
  await page.getByText('No row of this account in this time').waitFor();
  await page.getByRole('link', { name: 'Search for it anywhere' }).waitFor();
});

flow("another customer's account is not there", { as: 'other' }, async ({ page, world }) => {
  await happened(world);
  await open(page, VICTIM);
  await page.getByText('No row of this account in this time').waitFor();
});

for (const look of ['light', 'dark', 'narrow'] as const) {
  flow(
    `an account's story is told to all, ${look}`,
    { as: 'support', look },
    async ({ page, world }) => {
      await happened(world);
      await open(page, VICTIM, `?split=${THIEF}`);
      await fits(page);
      await axe(page);
      await screen(page, `account-${look}`);
    },
  );
}

flow('in Italian', { as: 'support', language: 'it' }, async ({ page, world }) => {
  await happened(world);
  await open(page, VICTIM);
  await page.getByText(/^12 accessi falliti da .*, poi uno riuscito/).waitFor();
});
