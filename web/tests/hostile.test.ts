// Lines that somebody wrote to harm who reads them.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe, fits, flow, screen, settled, stamp } from './harness.ts';

const MARKUP = `<img src=x onerror=window.harmed=1><script>window.harmed=1</script>`;
/** Right-to-left override: what follows is shown the other way round. */
const BIDI = 'invoice\u202Efdp.exe\u2066\u061C\u200B';

/** A message with whatever a sender, a server and a client can put into a log. */
function harmful(id: string): string[] {
  const at = stamp(new Date());
  const say = (program: string, text: string) => `${at} mx1 postfix/${program}[77]: ${text}`;
  return [
    say('smtpd', `${id}: client=${MARKUP.replaceAll(' ', '_')}[192.0.2.66]`),
    say('cleanup', `${id}: message-id=<${id}-${MARKUP}@evil.example>`),
    say(
      'cleanup',
      `${id}: warning: header Subject: ${BIDI} ${MARKUP} from evil.example[192.0.2.66]; from=<a@evil.example> to=<victim@harbour.example>`,
    ),
    say(
      'qmgr',
      `${id}: from=<"><svg/onload=window.harmed=1>@evil.example>, size=812, nrcpt=1 (queue active)`,
    ),
    say(
      'smtp',
      `${id}: to=<victim@harbour.example>, relay=mx.evil.example[192.0.2.67]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=5.1.1, status=bounced (host mx.evil.example[192.0.2.67] said: 550 5.1.1 ${MARKUP} ${BIDI} \x1b[31mred\x07 (in reply to RCPT TO command))`,
    ),
    say('qmgr', `${id}: removed`),
    `${at} mx1 evil[77]: ${id} ${MARKUP} ${'long '.repeat(200_000)}`,
  ];
}

async function isHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    harmed: 'harmed' in window,
    elements: document.querySelectorAll('img[src=x], main script, svg[onload]').length,
    text: document.body.innerText,
  }));
  assert.equal(found.harmed, false);
  assert.equal(found.elements, 0);
  // Shown as signs, never as they came; U+2068 and U+2069 are the page's own, round what it quotes.
  const raw = /[\u202A-\u202E\u2066\u2067\u061C\u001B\u0007]/.exec(found.text);
  assert.equal(raw, null);
  assert.ok(found.text.length < 200_000, `${found.text.length} characters at once`);
}

flow('hostile lines are shown as what they are', { as: 'support' }, async ({ page, world }) => {
  await world.send(harmful('6E4F11AA22'));
  page.on('dialog', () => assert.fail('a dialog'));
  for (const path of [
    '/search?q=victim@harbour.example',
    '/search?q=program:evil',
    '/message/6E4F11AA22',
    '/account/victim@harbour.example',
    '/live',
  ]) {
    await page.goto(path);
    const text = page.getByText(/6E4F11AA22|evil|victim/).first();
    if (path !== '/live') await text.waitFor({ timeout: 20_000 });
    await settled(page);
    await isHarmless(page);
    await fits(page);
    await screen(page, `hostile-${path.split(/[/?]/)[1]}`);
  }
});

flow(
  'hostile lines are harmless as originals and on a narrow screen',
  {
    as: 'owner',
    look: 'narrow',
  },
  async ({ page, world }) => {
    await world.send(harmful('6E4F11BB33'));
    for (const path of ['/message/6E4F11BB33', '/search?q=program:evil']) {
      await page.goto(path);
      await page
        .getByText(/6E4F11BB33|evil/)
        .first()
        .waitFor({ timeout: 20_000 });
      await settled(page);
      // The lines as they were logged, where the view has a key for them.
      await page.keyboard.press('r');
      await settled(page);
      await isHarmless(page);
      await fits(page);
      await axe(page);
    }
  },
);
