// The page of a busy site: nothing that one does waits, nothing jumps, and rows go on coming, while mail
// comes in.
//
//   WAYBILL_LONG=1 node --import tsx --test tests/busy.test.ts                    over a generated day
//
// Of an archive that is there, with a user: rows are added to it, so give it a copy.
//
//   WAYBILL_LONG=1 WAYBILL_DATA=/tmp/copy WAYBILL_LOGIN=me@x.example WAYBILL_PASSWORD=... \
//     WAYBILL_RATE=20000 node --import tsx --test tests/busy.test.ts
//
// WAYBILL_PARTS=live,account runs those parts alone.
// WAYBILL_PROFILE=1 leaves what the browser's processor did, part by part, in target/profiles.

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { Daemon, flow, logins, password, target } from './harness.ts';
import { Load, PROBE } from './load.ts';
import { bare, measure, SLOW_MS, told, type Told } from './smooth.ts';

const {
  WAYBILL_DATA,
  WAYBILL_LOGIN,
  WAYBILL_PASSWORD,
  WAYBILL_RATE,
  WAYBILL_PARTS,
  WAYBILL_PROFILE,
} = process.env;
/** Lines a second that come in. */
const RATE = Number(WAYBILL_RATE ?? 5_000);
/** A list without a new row for longer stands still. */
const STILL_MS = 1_000;
/** So long a daemon with a large archive may take until it keeps up. */
const START_MS = 300_000;
/** So far behind the lines that come in the daemon's newest row may be. */
const KEEPS_UP_MS = 5_000;
/** More is felt as a jump (web.dev/cls). */
const SHIFT_MAX = 0.1;
/** So long an answer may take on a machine that has all this to do; what is measured is the page. */
const PATIENCE_MS = 90_000;

const isWanted = (part: string) => !WAYBILL_PARTS || WAYBILL_PARTS.split(',').includes(part);

/** The archive that is named, else a generated day. */
const given = WAYBILL_DATA
  ? { daemon: () => Daemon.start((data) => symlinkSync(resolve(WAYBILL_DATA), data)) }
  : { apart: true };

flow(
  'while mail comes in, nothing waits, jumps or stands still',
  { ...given, long: true, as: 'owner' },
  async ({ page, context, daemon, world }) => {
    if (!world) {
      const cookie = await daemon.login(
        WAYBILL_LOGIN ?? logins.owner,
        WAYBILL_PASSWORD ?? password,
      );
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([{ name, value, url: daemon.url }]);
    }
    context.setDefaultTimeout(PATIENCE_MS);
    const { message_id, account } = await known(page);
    const parts: Record<string, (page: Page) => Promise<void>> = {
      typing,
      asking,
      scrolling,
      brushing,
      filtering,
      live,
      filtered: liveFiltered,
      message: (page) => message(page, message_id),
      account: (page) => story(page, account),
    };
    await measure(page);
    const load = await Load.start(daemon.syslog, RATE);
    const [begun, found] = [performance.now(), [] as [string, Told][]];
    let [machine, behind] = [0, 0];
    try {
      // A daemon that was just started has its journal to go through first.
      await until(async () => (await lag(page)) < KEEPS_UP_MS);
      for (const [name, part] of Object.entries(parts).filter(([name]) => isWanted(name)))
        found.push([name, await profiled(page, name, () => part(page))]);
      machine = await bare(page);
      behind = await lag(page);
    } finally {
      await load.stop();
    }
    const rate = (load.sent / (performance.now() - begun)) * 1_000;
    console.log(
      `${rate.toFixed()} lines/s came in, the daemon was ${behind} ms behind; a bare page takes ${machine} ms`,
    );
    console.log(
      'part | interactions | p50 ms | p98 ms | longest frame ms | shift | rest ms | slowest',
    );
    for (const [name, it] of found)
      console.log(
        `${name} | ${it.interactions} | ${it.p50} | ${it.worst} | ${it.frame.toFixed()} | ${it.shift.toFixed(3)} | ${it.rest.toFixed()} | ${it.slowest}${it.jumps.map((it) => `\n  moved by itself: ${it}`).join('')}`,
      );
    for (const [name, it] of found) {
      assert.ok(it.worst < SLOW_MS, `${name}: ${it.slowest}`);
      assert.ok(it.shift < SHIFT_MAX, `${name} jumps: ${it.jumps.join('\n')}`);
      assert.equal(it.blanks, 0, `${name} flickers`);
    }
    const rest = found.find(([name]) => name === 'live')?.[1].rest ?? 0;
    assert.ok(rest < STILL_MS, `no new row for ${rest} ms`);
    assert.ok(rate > RATE * 0.9, `${rate} lines/s`);
  },
);

/** A message that was delivered, and its account. */
async function known(page: Page): Promise<{ message_id: string; account: string }> {
  const q = encodeURIComponent('kind:delivery.delivered message_id:* account:*');
  const answer = await page.request.get(`/api/v1/rows?q=${q}&limit=20`);
  const { rows } = (await answer.json()) as { rows: { message_id: string; account: string }[] };
  return rows[0]!;
}

/** How old the newest line is that is told. */
async function lag(page: Page): Promise<number> {
  const query = `q=to:${PROBE}&limit=1&range=last+10+minutes`;
  const answer = await page.request.get(`/api/v1/rows?${query}`, { timeout: PATIENCE_MS });
  const { rows } = (await answer.json()) as { rows: { at: string }[] };
  return rows[0] ? Date.now() - Date.parse(rows[0].at) : Infinity;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const ends = Date.now() + START_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < ends, 'the daemon does not keep up with what is sent');
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** What a part measures; with a profile where that is wanted. */
async function profiled(page: Page, name: string, part: () => Promise<void>): Promise<Told> {
  if (!WAYBILL_PROFILE) return part().then(() => told(page));
  const wire = await page.context().newCDPSession(page);
  await wire.send('Profiler.enable');
  await wire.send('Profiler.start');
  await part();
  const found = await told(page);
  const { profile } = await wire.send('Profiler.stop');
  mkdirSync(join(target, 'profiles'), { recursive: true });
  writeFileSync(join(target, 'profiles', `${name}.cpuprofile`), JSON.stringify(profile));
  return found;
}

const rows = (page: Page) => page.locator('[aria-rowindex]');

/** Waits until all that was asked is answered. */
const answered = (page: Page) =>
  page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));

async function search(page: Page, query = ''): Promise<void> {
  await page.goto(`/search${query}`);
  await answered(page);
  await rows(page).first().waitFor();
  await told(page);
}

async function typing(page: Page): Promise<void> {
  await search(page);
  await page.getByRole('combobox').focus();
  await page.keyboard.type('status:bounced to:anna@harbour.example "user unknown" ', { delay: 40 });
  for (let key = 0; key < 25; key += 1) await page.keyboard.press('Backspace', { delay: 20 });
}

async function asking(page: Page): Promise<void> {
  await search(page);
  for (const q of ['status:bounced', 'kind:auth.failed', '']) {
    await page.getByRole('combobox').fill(q);
    await page.keyboard.press('Enter');
    await answered(page);
    await rows(page).first().waitFor();
  }
}

async function scrolling(page: Page): Promise<void> {
  await search(page, '?all=1');
  await page.mouse.move(800, 500);
  for (let turn = 0; turn < 60; turn += 1) {
    await page.mouse.wheel(0, turn % 3 === 2 ? -400 : 900);
    await page.keyboard.press('j');
  }
  // A row is opened, its lines shown, and closed.
  for (const key of ['Enter', 'r', 'r', 'Enter', 'k', 'k']) await page.keyboard.press(key);
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
}

async function brushing(page: Page): Promise<void> {
  await search(page, '?range=last+24+hours');
  for (const [from, until] of [
    [0.4, 0.9],
    [0.2, 0.7],
    [0.3, 0.8],
  ] as const) {
    const { x, y, width, height } = (await page.locator('.u-over').boundingBox())!;
    await page.mouse.move(x + width * from, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * until, y + height / 2, { steps: 20 });
    await page.mouse.up();
    await page.waitForURL(/range=2\d\d\d-/);
    await answered(page);
  }
  for (let step = 0; step < 3; step += 1) await page.goBack();
  await answered(page);
}

async function filtering(page: Page): Promise<void> {
  await search(page, '?range=last+24+hours');
  const values = page.getByRole('complementary').locator('.value');
  for (let turn = 0; turn < 3; turn += 1) {
    await values.nth(turn).click();
    await answered(page);
    await values.nth(turn).hover();
    await page.goBack();
    await answered(page);
  }
}

async function isLive(page: Page): Promise<void> {
  await page.getByText('live', { exact: true }).waitFor();
  await rows(page).first().waitFor();
}

/** Half a minute of it, left alone. */
async function live(page: Page): Promise<void> {
  await page.goto('/live');
  await isLive(page);
  await page.waitForTimeout(2_000);
  await told(page);
  await page.waitForTimeout(30_000);
}

async function liveFiltered(page: Page): Promise<void> {
  await page.goto('/live');
  await isLive(page);
  await told(page);
  await page.keyboard.press('/');
  await page.keyboard.type('status:delivered ', { delay: 40 });
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=status/);
  await isLive(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  for (let turn = 0; turn < 10; turn += 1) {
    await page.keyboard.press('p', { delay: 30 });
    await page.waitForTimeout(200);
  }
  await page.mouse.move(800, 500);
  for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, 600);
  for (const key of ['j', 'j', 'Enter', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('button', { name: /new rows/ }).click();
  await page
    .getByRole('button', { name: /[Cc]lear/ })
    .last()
    .click();
}

async function message(page: Page, id: string): Promise<void> {
  await page.goto(`/message/${encodeURIComponent(id)}`);
  await answered(page);
  for (const key of ['r', 'r', 'z', 'z']) await page.keyboard.press(key, { delay: 50 });
}

async function story(page: Page, account: string): Promise<void> {
  await page.goto(`/account/${encodeURIComponent(account)}?range=last+24+hours`);
  await answered(page);
  const kinds = page.getByRole('group', { name: 'What happened' }).getByRole('button');
  for (let turn = 0; turn < (await kinds.count()); turn += 1) {
    await kinds.nth(turn).click();
    await answered(page);
  }
}
