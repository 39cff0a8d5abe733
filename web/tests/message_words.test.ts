// What replies mean, and subjects as people wrote them; without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonOf, telling, verbatim } from '../src/views/message/reason.ts';
import { subjectOf } from '../src/views/message/subject.ts';

test('a reply tells its reason by its words, then by its status, else not at all', () => {
  const cases: [string, string | undefined, number | undefined, string][] = [
    ['Quota exceeded (mailbox for user is full)', '5.2.2', 552, 'mailbox_full'],
    ['452 4.2.2 The email account is out of storage space', '4.2.2', 452, 'mailbox_full'],
    ['550 5.1.1 RESOLVER.ADR.RecipNotFound; not found', '5.1.1', 550, 'unknown_user'],
    ['Unrouteable address', undefined, undefined, 'unknown_user'],
    ['450 4.2.0 Recipient address rejected: Greylisted for 5 minutes', '4.2.0', 450, 'greylisted'],
    ['client [192.0.2.1] blocked using zen.dnsbl.example', '5.7.1', 554, 'blocklisted'],
    ['550 5.7.1 Message rejected as spam', '5.7.1', 550, 'spam'],
    ['550 5.7.26 DMARC check failed', '5.7.26', 550, 'sender_check'],
    ['454 4.7.5 certificate not trusted', '4.7.5', 454, 'tls'],
    ['552 5.3.4 Message size exceeds fixed limit', '5.3.4', 552, 'too_big'],
    ['<a@b.example>: Relay access denied', '5.7.1', 554, 'relay_denied'],
    ['Host or domain name not found. Name service error', '5.4.4', undefined, 'dns'],
    ['connect to mx.example[192.0.2.1]:25: Connection timed out', '4.4.1', undefined, 'timeout'],
    [
      'connect to mx.example[192.0.2.1]:25: Connection refused',
      '4.4.1',
      undefined,
      'no_connection',
    ],
    ['no words that are known', '5.2.1', 550, 'disabled'],
    ['Service unavailable, try again later', '4.2.2', 451, 'mailbox_full'],
    ['451 4.3.2 Try again later', '4.3.2', 451, 'busy'],
    ['no words that are known', '5.7.1', 550, 'policy'],
    ['no words that are known', undefined, 552, 'mailbox_full'],
    ['no words that are known', undefined, 599, 'unknown'],
    ['', undefined, undefined, 'unknown'],
  ];
  for (const [text, enhanced_status, code, reason] of cases)
    assert.equal(reasonOf({ text, enhanced_status, code }), reason, text);
});

test('a reply is looked at in time that does not grow with what is in it', () => {
  const began = process.cpuUsage();
  reasonOf({ text: 'found in '.repeat(200_000) });
  reasonOf({ text: 'account '.repeat(200_000) });
  const { user } = process.cpuUsage(began);
  assert.ok(user < 200_000, `${user} microseconds`);
});

test('that it was tried for too long does not tell why', () => {
  const full = { text: 'mailbox is full' };
  assert.equal(telling([full, { text: 'retry timeout exceeded' }]), full);
  const late = { text: 'retry timeout exceeded' };
  assert.equal(telling([late]), late);
});

test("the other side's words stand without our server's", () => {
  const said = '550 5.1.1 <a@b.example>: User unknown';
  assert.equal(verbatim(`host mx[192.0.2.1] said: ${said} (in reply to RCPT TO command)`), said);
  const exim = `SMTP error from remote mail server after RCPT TO:<a@b.example>: ${said}`;
  assert.equal(verbatim(exim), said);
  assert.equal(verbatim('Connection refused', false), 'Connection refused');
});

test('subjects are decoded, and left as they are where they cannot be', () => {
  assert.equal(subjectOf('=?UTF-8?B?SG9saWRheSBmw7xyIDEzMjc=?='), 'Holiday für 1327');
  assert.equal(subjectOf('=?iso-8859-1?Q?caff=E8_nero?='), 'caffè nero');
  assert.equal(subjectOf('=?UTF-8?Q?one_?= =?UTF-8?Q?word?='), 'one word');
  assert.equal(subjectOf('Offers \\342\\234\\223 12'), 'Offers ✓ 12');
  for (const odd of ['=?utf-8?B?%%%?=', '=?no-such?Q?a?=', '\\377 alone', '=?UTF-8?Q?=FF?='])
    assert.equal(subjectOf(odd), odd);
});
