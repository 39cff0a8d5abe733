// What holds for each view: nothing in the console, nothing refused, nothing out of the window, all of it
// told to those who do not see it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Page, Route } from 'playwright-core';
import { routes } from '../src/routes.ts';
import {
  axe,
  fits,
  flow,
  logIn,
  logins,
  password,
  roles,
  screen,
  settled,
  type World,
} from './harness.ts';

/** Each path, with something to show where it is about something. */
function paths(world: World): string[] {
  const told = world.find((it) => it.recipients.some((rcpt) => rcpt.outcome === 'bounced'));
  const of: Record<string, string> = {
    '/search': '/search?q=status:bounced',
    '/message': `/message/${encodeURIComponent(told.message_id!)}`,
    '/account': `/account/${encodeURIComponent('gretacooper16@harbour.example')}`,
    '/admin/webhooks': `/admin/webhooks?customer=${world.customers.harbour}`,
    '/sql': `/sql?q=${encodeURIComponent('SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind')}`,
  };
  return routes.filter((it) => !it.isOpen).map((it) => of[it.path] ?? it.path);
}

function name(path: string): string {
  return path.split('?')[0]!.split('/').slice(1, 3).join('-').replace(/%.*/, '');
}

/** Goes there, and waits until it shows what it has. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('main').waitFor();
  await settled(page);
}

/** Widths of telephones, and the narrowest that one is asked to serve (WCAG 1.4.10). */
const NARROW = [390, 320];

/** Fails where something is moved sideways by itself, for there is more in it than its width has room for. */
async function holds(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const mayScroll = (it: Element) => ['auto', 'scroll'].includes(getComputedStyle(it).overflowX);
    const all = [...document.querySelectorAll('body *')].filter(mayScroll);
    const wide = all.filter((it) => it.scrollWidth > it.clientWidth + 1);
    return wide.map(
      (it) => `${it.scrollWidth} in ${it.clientWidth}: ${it.outerHTML.slice(0, 200)}`,
    );
  });
  if (wide.length)
    throw new Error(`on ${page.url()} more than there is room for:\n${wide.join('\n')}`);
}

for (const role of roles) {
  flow(`no view troubles ${role}`, { as: role }, async ({ page, world }) => {
    const refused: string[] = [];
    page.on('response', (it) => {
      if (it.status() >= 400) refused.push(`${it.status()} ${it.url()}`);
    });
    for (const path of paths(world)) {
      await visit(page, path);
      assert.deepEqual(refused, [], path);
    }
  });
}

for (const look of ['light', 'dark', 'narrow'] as const) {
  flow(`each view is for everybody, ${look}`, { as: 'owner', look }, async ({ page, world }) => {
    const problems: string[] = [];
    for (const path of paths(world)) {
      await visit(page, path);
      await screen(page, `${name(path)}-${look}`);
      for (const check of [axe, fits, holds]) {
        await check(page).catch((error: Error) => problems.push(error.message));
      }
    }
    assert.equal(problems.length, 0, problems.join('\n\n'));
  });
}

for (const language of ['en', 'it']) {
  flow(
    `nothing is moved sideways on a telephone, ${language}`,
    { as: 'owner', look: 'narrow', language },
    async ({ page, world }) => {
      // Hosts are heard, so that there is a table of them.
      await world.goOn(100);
      for (const path of paths(world)) {
        await visit(page, path);
        for (const width of NARROW) {
          await page.setViewportSize({ width, height: 800 });
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
          await fits(page);
          await holds(page);
        }
      }
      await visit(page, '/admin/sources');
      assert.ok((await page.getByRole('row').count()) > 5);
      // What flows is a table for those who do not see it.
      const row = page.getByRole('row').filter({ hasText: 'mx1' });
      assert.equal(await row.getByRole('cell').count(), 10);
    },
  );
}

for (const path of ['/login', '/setup#wb_setup_00', '/reset#wb_reset_00']) {
  flow(`${path.split('#')[0]} is for everybody`, { look: 'narrow' }, async ({ page }) => {
    await visit(page, path);
    await screen(page, `${name(path.split('#')[0]!)}-narrow`);
    await axe(page);
    for (const width of NARROW) {
      await page.setViewportSize({ width, height: 800 });
      await fits(page);
    }
  });
}

/** What `main` tells when all of it is there, without figures: how long ago something was goes on. */
async function says(page: Page): Promise<string> {
  await page.waitForFunction(
    () => {
      const [before, main] = [document.body.dataset.said, document.querySelector('main')!];
      document.body.dataset.said = main.innerText;
      return before === main.innerText;
    },
    undefined,
    { polling: 500 },
  );
  const text = await page.getByRole('main').innerText();
  return text
    .replaceAll(/\bnow\b|\d+ (second|minute|hour)s? ago/g, 'just now')
    .replaceAll(/\d[\d.,]*/g, '0');
}

/** What somebody chose in a view, as its address has it. */
const CHOSEN = [
  '/search?q=status:bounced&range=last+24+hours&zone=utc&columns=at,rcpt_to',
  '/reports?range=last+24+hours&by=bytes',
  '/account/gretacooper16@harbour.example?range=last+24+hours&show=sent&split=198.51.100.162',
  '/admin/customers?text=harbour',
];

flow(
  'each view is its address: it shows the same to somebody else',
  { as: 'owner' },
  async (it) => {
    const { page, world, context } = it;
    await world.goOn(20);
    const past = new Date(Date.now() - 7_200_000).toISOString().slice(0, 16);
    const queue = `/queue?by=reason&at=${past}Z`;
    // Not what is of who asks, or another with each moment.
    const about =
      /^\/(search|queue\?|message|account|sql|reports|admin\/(customers|webhooks|alerts))/;
    const all = [...paths(world), ...CHOSEN, queue].filter((at) => about.test(at));
    const first: string[] = [];
    for (const path of all) {
      await visit(page, path);
      first.push(await says(page));
    }
    await logIn(context, world, 'operator');
    for (const [at, path] of all.entries()) {
      await visit(page, path);
      assert.equal(await says(page), first[at], path);
    }
  },
);

const FAULTS = [
  ['is away', (it: Route) => it.abort('connectionrefused'), 'The server does not answer'],
  [
    'has trouble',
    (it: Route) => it.fulfill({ status: 500, json: { title: 'No', detail: 'the disk is away' } }),
    'the disk is away',
  ],
  [
    'forbids it',
    (it: Route) => it.fulfill({ status: 403, json: { title: 'No', detail: 'not for you' } }),
    'You may not see this',
  ],
] as const;

for (const [what, answer, told] of FAULTS) {
  flow(
    `each view says so where the server ${what}`,
    { as: 'owner', look: 'dark', expects: /ERR_CONNECTION_REFUSED|500|403/ },
    async ({ page, world }) => {
      // One's own account is known from the login on.
      const ones = /\/api\/v1\/(?!me$|me\/preferences|tail|openapi)/;
      for (const path of paths(world).filter((at) => !['/me', '/live'].includes(at))) {
        await page.unroute(ones);
        await page.goto('/live');
        await page.route(ones, answer);
        await visit(page, path);
        const alert = page.getByRole('main').getByText(told).first();
        await alert.waitFor().catch(() => assert.fail(`${path} does not say: ${told}`));
        if (what === 'has trouble') await axe(page);
        await fits(page);
      }
    },
  );
}

flow('each view has something to say of an archive that is empty', { bare: true }, async (it) => {
  const { page, context, daemon } = it;
  const first = { token: daemon.setupToken, login: logins.owner, password };
  await daemon.asker()('POST', '/setup', first);
  const [cookie = '', value = ''] = (await daemon.login(logins.owner)).split('=');
  await context.addCookies([{ name: cookie, value, url: daemon.url }]);
  const about: Record<string, string> = {
    '/message': '/message/4bXyZ10QzKz1r',
    '/account': '/account/nobody@harbour.example',
  };
  for (const route of routes.filter((at) => !at.isOpen)) {
    const path = about[route.path] ?? route.path;
    await visit(page, path);
    const text = await page.getByRole('main').innerText();
    assert.ok(text.trim().length > 20, `${path}: ${text}`);
    assert.doesNotMatch(text, /undefined|NaN|null|Invalid|Infinity|\[object/, path);
    await screen(page, `empty${name(path)}`);
    await axe(page);
    await fits(page);
  }
});

const wordsFolder = new URL('../src/words/', import.meta.url);

/** Sentences of the page that are English and nothing else. */
function english(): Set<string> {
  const all = { en: new Set<string>(), it: new Set<string>() };
  for (const name of readdirSync(wordsFolder).filter((it) => it.endsWith('.ts'))) {
    const text = readFileSync(new URL(name, wordsFolder), 'utf8');
    const begin = text.search(/^ {2}it: \{/m);
    const both = { en: text.slice(text.search(/^ {2}en: \{/m), begin), it: text.slice(begin) };
    for (const language of ['en', 'it'] as const)
      for (const [, word] of both[language].matchAll(/^ {4,6}\w+:\s+'((?:[^'\\]|\\.)+)',?$/gm))
        all[language].add(word!);
  }
  return new Set([...all.en].filter((it) => !all.it.has(it)));
}

/** What stands on the page, and is told of it: text, names and hints. */
function told(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts: string[] = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) texts.push(nodes.currentNode.textContent!.trim());
    for (const it of document.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder'])
        texts.push(it.getAttribute(name) ?? '');
    return texts;
  });
}

flow('nothing is left in English for Italians', { as: 'owner', language: 'it' }, async (it) => {
  const { page, world } = it;
  const foreign = english();
  assert.ok(foreign.size > 500, `${foreign.size} words`);
  for (const path of paths(world)) {
    await visit(page, path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'it');
    // The audit log names actions as the API does, and languages have their own names.
    const isName = (it: string) => (path === '/admin/audit' && it === 'queue') || it === 'English';
    const left = (await told(page)).filter((it) => foreign.has(it) && !isName(it));
    assert.deepEqual(left, [], path);
    await holds(page);
    await screen(page, `${name(path)}-it`);
  }
});

flow('figures, times and sizes are written in the reader’s way', { as: 'owner' }, async (it) => {
  const { page, world } = it;
  const ways = {
    en: [/\d\.\d MB/, /\d,\d{3}/, /\d Nov|\d Dec|[A-Z][a-z]{2} \d/],
    it: [/\d,\d MB/, /\d\.\d{3}/, /\d{1,2} [a-z]{3} \d\d:/],
  };
  const owner = await world.as('owner');
  for (const [language, forms] of Object.entries(ways)) {
    await owner('PUT', '/me/preferences', { language, time_zone: null });
    await visit(page, '/admin/system');
    const text = await page.getByRole('main').innerText();
    for (const form of forms) assert.match(text, form, language);
  }
  await owner('PUT', '/me/preferences', { language: null, time_zone: null });
});
