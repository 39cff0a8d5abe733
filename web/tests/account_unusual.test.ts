// What is unusual about an account; without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../src/api/client.ts';
import {
  brokeIn,
  burst,
  guessing,
  networkOf,
  newCountries,
  newNetworks,
  type Used,
} from '../src/views/account/unusual.ts';

const at = (day: number, minute = 0) => new Date(Date.UTC(2026, 10, day, 12, minute)).toISOString();

function used(address: string, first: string, more: Partial<Used> = {}): Used {
  const none = { logins: 0, failures: 0, sent: 0, fetched: 0, deleted: 0, programs: [] };
  return { ...none, address, first, last: first, ...more };
}

function login(kind: string, minute: number, session: string, client_address = '203.0.113.7'): Row {
  return {
    id: session + kind,
    kind,
    at: at(9, minute),
    client_address,
    session_id: session,
  } as Row;
}

test('a login after many failures from the same address is told, with how many', () => {
  const failures = [1, 2, 3, 4, 5, 6].map((n) => login('auth.failed', n, `f${n}`));
  const won = login('auth.succeeded', 9, 'won');
  const [found] = brokeIn([won, ...failures]);
  assert.deepEqual(found, {
    type: 'broke_in',
    tone: 'bad',
    address: '203.0.113.7',
    failures: 6,
    from: at(9, 1),
    at: at(9, 9),
  });
  assert.deepEqual(brokeIn([won, ...failures.slice(2)]), []);
  const elsewhere = login('auth.succeeded', 9, 'won', '198.51.100.1');
  assert.deepEqual(brokeIn([elsewhere, ...failures]), []);
});

test('two lines of one failure are one failure', () => {
  const twice = [1, 2, 3].flatMap((n) => [
    login('auth.failed', n, `f${n}`),
    login('auth.failed', n, `f${n}`),
  ]);
  assert.deepEqual(brokeIn([...twice, login('auth.succeeded', 9, 'won')]), []);
});

test('a network is new that let somebody in for the first time, long after the account was known', () => {
  const home = used('198.51.100.1', at(1), { logins: 5 });
  const thief = used('203.0.113.7', at(9), { logins: 1, sent: 60 });
  const [found] = newNetworks([home, thief], [home, thief]);
  assert.ok(found?.type === 'new_network');
  assert.equal(found.network, '203.0.113.0/24');
  assert.equal(found.networks, 1);
  assert.equal(found.tone, 'bad');
  // Known before the range; only tried; of one's own network; as old as the account.
  assert.deepEqual(newNetworks([{ ...thief, first: at(10) }], [home, thief]), []);
  const tried = used('203.0.113.7', at(9), { failures: 40 });
  assert.deepEqual(newNetworks([tried], [home, tried]), []);
  const office = used('10.1.2.3', at(9), { logins: 1 });
  assert.deepEqual(newNetworks([office], [home, office]), []);
  assert.deepEqual(newNetworks([thief], [thief]), []);
});

test('a country is new that let somebody in for the first time, long after the account was known', () => {
  const home = used('198.51.100.1', at(1), { logins: 5, country: 'IT' });
  const thief = used('203.0.113.7', at(9), { logins: 1, country: 'NL' });
  const [found] = newCountries([home, thief], [home, thief]);
  assert.equal(found?.country, 'NL');
  assert.deepEqual(found?.before, ['IT']);
  assert.deepEqual(found?.addresses, ['203.0.113.7']);
  // Known before; only tried; nobody knows where.
  assert.deepEqual(newCountries([{ ...thief, first: at(10) }], [home, thief]), []);
  const tried = { ...thief, logins: 0, failures: 40 };
  assert.deepEqual(newCountries([tried], [home, tried]), []);
  const nowhere = used('203.0.113.7', at(9), { logins: 1 });
  assert.deepEqual(newCountries([nowhere], [home, nowhere]), []);
});

test('a burst is far more than is usual, also where it lies in two bars', () => {
  const bars = [3, 2, 4, 15, 12, 3].map((rows, n) => ({ at: at(9, n), rows }));
  const [found] = burst('burst_sent', { every: 60, bars });
  assert.deepEqual(found, {
    type: 'burst_sent',
    tone: 'bad',
    rows: 27,
    otherwise: 6,
    seconds: 120,
    at: at(9, 3),
  });
  const busy = bars.map((it) => ({ ...it, rows: it.rows + 30 }));
  assert.deepEqual(burst('burst_sent', { every: 60, bars: busy }), []);
  assert.deepEqual(burst('burst_sent', { every: 60, bars: [] }), []);
});

test('guessing is told where nobody got in', () => {
  const tried = used('203.0.113.7', at(9), { failures: 12 });
  assert.equal(guessing([tried])[0]?.type, 'guessing');
  assert.deepEqual(guessing([{ ...tried, logins: 1 }]), []);
});

test('networks of addresses', () => {
  assert.equal(networkOf('203.0.113.7'), '203.0.113.0/24');
  assert.equal(networkOf('2001:db8:7::1'), '2001:db8:7::/48');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0::/48');
  assert.equal(networkOf('2001:DB8:7:1:2:3:4:5'), '2001:db8:7::/48');
});
