// What holds for each view: nothing in the console, nothing refused, nothing out of the window, all of it
// told to those who do not see it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { routes } from '../src/routes.ts';
import { axe, fits, flow, roles, screen, settled, type World } from './harness.ts';

/** Each path, with something to show where it is about something. */
function paths(world: World): string[] {
  const told = world.find((it) => it.recipients.some((rcpt) => rcpt.outcome === 'bounced'));
  const of: Record<string, string> = {
    '/search': '/search?q=status:bounced',
    '/message': `/message/${encodeURIComponent(told.message_id!)}`,
    '/account': `/account/${encodeURIComponent('gretacooper16@harbour.example')}`,
    '/sql': `/sql?q=${encodeURIComponent('SELECT kind, count(*) FROM events GROUP BY kind')}`,
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
