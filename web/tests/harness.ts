// A real daemon with generated mail, and a real browser at it, for tests of flows.
//
//   import { flow } from './harness.ts';
//
//   flow('a bounced message is found by its recipient', { as: 'support' }, async ({ page, world }) => {
//     await page.goto('/search?q=status:bounced');
//     await page.getByRole('link', { name: /bounced/ }).first().click();
//   });
//
// `flow` is a test of node:test: it fails where the browser's console tells an error, and leaves a
// picture in target/screens/failed/ when it fails. Options: who is logged in (`as`), the look (`look`:
// light, dark, narrow), the language, console errors that are wanted (`expects`), a world of its own
// (`apart`), a daemon that is empty and has no user (`bare`), or one that the flow starts (`daemon`).
// `inClicks(page, 3)` counts what the pointer clicked, `screen(page, 'search-dark')` leaves a picture, `axe(page)` checks accessibility, `fits(page)` that
// nothing stands out to the side.
//
// The world is shared by all flows of a process: eight hosts' mail of the last day, all of it imported,
// two customers, a login for each role. `world.truth` tells what truly became of each message,
// `world.send(lines)` sends lines of your own, `world.goOn(n)` the next n generated ones, as of now.
//
//   cargo build --workspace --bin waybill --profile test && npm test              all flows
//   node --import tsx --test tests/served.test.ts                                 those of a file
//
// WAYBILL_BIN and WAYBILL_XTASK name other binaries than those in target/debug. With WAYBILL_PREVIEW=1
// the page is that of web/dist (`npm run build`), by Vite in front of the daemon: no build by cargo is
// needed to try a change, but headers are not the daemon's.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { preview, type PreviewServer } from 'vite';
import { sink } from './sink.ts';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const waybill = process.env.WAYBILL_BIN ?? join(target, 'debug/waybill');
export const xtask = process.env.WAYBILL_XTASK ?? join(target, 'debug/xtask');
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** How many lines the generated day has. */
const LINES = 60_000;
/** So long a flow waits for what is to come: a busy machine takes its time. */
const PATIENCE_MS = 15_000;
/** Of all logins. */
export const password = 'correct-horse-battery';

/** Who can be logged in; `admin` and `mailbox` are of the first customer, `other` of the second. */
export const roles = [
  'owner',
  'operator',
  'support',
  'auditor',
  'admin',
  'other',
  'mailbox',
] as const;
export type Role = (typeof roles)[number];
export type Look = 'light' | 'dark' | 'narrow';

export const logins: Record<Role, string> = {
  owner: 'owner@demo.example',
  operator: 'operator@demo.example',
  support: 'support@demo.example',
  auditor: 'auditor@demo.example',
  admin: 'admin@harbour.example',
  other: 'admin@compass.example',
  mailbox: 'gretacooper16@harbour.example',
};

/** What truly became of a message; see `crates/traffic/src/truth.rs`. */
export interface TrueMessage {
  message_id: string | null;
  mail_from: string;
  client_address: string | null;
  sasl_username: string | null;
  subject: string | null;
  items: { host: string; instance: string; queue_id: string; first_seen_us: number }[];
  recipients: {
    rcpt_to: string;
    orig_rcpt_to: string | null;
    outcome: string;
    deferrals: number;
    enhanced_status: string | null;
    mailbox: string | null;
  }[];
  dsns: { queue_id: string }[];
  probe: boolean;
  lines: number;
}

/** Why flows cannot run here, if they cannot. */
export function missing(): string | undefined {
  const wanted: [string, string][] = [
    [browserPath, 'Debian: apt-get install chromium'],
    [waybill, 'cargo build --workspace --bin waybill --profile test'],
    [xtask, 'cargo build --package xtask'],
  ];
  const absent = wanted.find(([path]) => !existsSync(path));
  return absent && `no ${absent[0]} (${absent[1]})`;
}

/** A request to the API, as a program makes it. */
export type Ask = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

/** A daemon on free ports of loopback, with a folder of its own. */
export class Daemon {
  readonly setupToken: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly ports: Map<string, string>,
    readonly folder: string,
    private readonly front: PreviewServer | undefined,
  ) {
    this.setupToken = ports.get('setup');
  }

  /** `before` fills the folder of the archive; `more` are lines of `[web]`, and sections; `port` is that of the page. */
  static async start(
    before: (data: string, folder: string) => void = () => {},
    more = '',
    port = 0,
  ): Promise<Daemon> {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-page-'));
    const data = join(folder, 'data');
    before(data, folder);
    const any = ['syslog_udp', 'syslog_tcp', 'relp', 'http'];
    const others = any.map((name) => `${name} = '127.0.0.1:0'\n`).join('');
    const listen = `${others}web = '127.0.0.1:${port}'\n`;
    const config = join(folder, 'waybill.toml');
    const web = `[web]\nrequests_a_minute = 1000000\n${more}`;
    const webhooks = `[webhooks]\nallow = ['127.0.0.0/8']\n`;
    const alerts = '[alerts]\nevery_seconds = 1\n';
    const mail = `[mail]\nhost = '127.0.0.1'\nport = ${await sink.port()}\nfrom = 'waybill@w.example'\n`;
    const places = `[places]\nnetworks = ['198.51.100.0/24 IT']\n`;
    writeFileSync(
      config,
      `log = 'json'\n${web}${webhooks}${alerts}${mail}${places}[listen]\n${listen}`,
    );
    const child = spawn(waybill, ['serve', '--config', config, '--data', data], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ports = new Map<string, string>();
    const said: string[] = [];
    await new Promise<void>((ready, failed) => {
      child.on('exit', (code) => failed(new Error(`waybill ended (${code}): ${said.join('\n')}`)));
      createInterface({ input: child.stderr! }).on('line', (line) => {
        said.push(line);
        const fields = line.startsWith('{') ? JSON.parse(line).fields : {};
        const message: string = fields.message ?? '';
        if (message.startsWith('listening: ')) ports.set(message.slice(11), fields.address);
        const token = message.split('/setup#')[1];
        if (token) ports.set('setup', token);
        if (message === 'ready') ready();
      });
    });
    child.removeAllListeners('exit');
    const front = process.env.WAYBILL_PREVIEW ? await inFrontOf(ports.get('web')!) : undefined;
    return new Daemon(child, ports, folder, front);
  }

  /** Where it takes syslog over TCP. */
  get syslog(): string {
    return this.ports.get('syslog_tcp')!;
  }

  get url(): string {
    const port = this.front && (this.front.httpServer.address() as AddressInfo).port;
    return `http://${port ? `127.0.0.1:${port}` : this.ports.get('web')}`;
  }

  /** Sends lines, without their ends; they are durable then, and found in less than a second. */
  async send(lines: string[]): Promise<void> {
    const body = lines.map((line) => `${line}\n`).join('');
    const headers = { 'content-type': 'text/plain' };
    const to = `http://${this.ports.get('http')}/lines`;
    const answer = await fetch(to, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`lines are refused: ${answer.status} ${await answer.text()}`);
  }

  /** Has it store what it was sent; then all of that is found. */
  async store(): Promise<void> {
    // Lines wait a quarter of a second for those of others, and are no rows until then.
    await new Promise((done) => setTimeout(done, 600));
    const child = spawn(waybill, ['commit', '--data', join(this.folder, 'data')], {
      stdio: 'ignore',
    });
    await new Promise<void>((done, failed) => {
      child.on('error', failed);
      child.on('exit', () => done());
    });
  }

  /** One who asks with this cookie. */
  asker(cookie?: string): Ask {
    return async <T>(method: string, path: string, body?: unknown) => {
      const headers: Record<string, string> = { origin: this.url };
      if (cookie) headers.cookie = cookie;
      if (body !== undefined) headers['content-type'] = 'application/json';
      const answer = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return (text ? JSON.parse(text) : undefined) as T;
    };
  }

  /** Begins a session; gives its cookie, `name=value`. */
  async login(login: string, secret = password): Promise<string> {
    const answer = await fetch(`${this.url}/api/v1/session`, {
      method: 'POST',
      headers: { origin: this.url, 'content-type': 'application/json' },
      body: JSON.stringify({ login, password: secret }),
    });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0];
    if (!cookie) throw new Error(`${login} cannot log in: ${answer.status}`);
    return cookie;
  }

  async stop(): Promise<void> {
    await this.front?.close();
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Serves web/dist, and asks the daemon for all else. */
function inFrontOf(address: string): Promise<PreviewServer> {
  const proxy = { '/api': { target: `http://${address}`, changeOrigin: false } };
  const server = { host: '127.0.0.1', port: 0, strictPort: false, proxy };
  return preview({ root: join(root, 'web'), logLevel: 'error', preview: server });
}

/** A daemon with a day of mail, customers and users. */
export class World {
  private readonly cookies = new Map<Role, Promise<string>>();

  private constructor(
    readonly daemon: Daemon,
    /** Messages of the day, in the order in which they ended. */
    readonly truth: TrueMessage[],
    /** Generated lines that are to come. */
    private readonly future: string[],
    readonly customers: { harbour: number; compass: number },
  ) {}

  static async start(): Promise<World> {
    let future: string[] = [];
    let truth: TrueMessage[] = [];
    const daemon = await Daemon.start((data, folder) => {
      ({ future, truth } = aDay(data, folder));
    });
    const customers = await people(daemon);
    return new World(daemon, truth, future, customers);
  }

  get url(): string {
    return this.daemon.url;
  }

  /** The cookie of a session that all flows of this role share. */
  cookie(role: Role): Promise<string> {
    const known = this.cookies.get(role) ?? this.daemon.login(logins[role]);
    this.cookies.set(role, known);
    return known;
  }

  /** One who asks the API as this role. */
  async as(role: Role): Promise<Ask> {
    return this.daemon.asker(await this.cookie(role));
  }

  /** Sends lines; they are found then. */
  async send(lines: string[]): Promise<void> {
    await this.daemon.send(lines);
    await this.daemon.store();
  }

  /** Sends the next generated lines, as of now. */
  goOn(count: number): Promise<void> {
    const now = stamp(new Date());
    const lines = this.future.splice(0, count).map((line) => now + line.slice(STAMP.length));
    return this.daemon.send(lines);
  }

  /** The first message of the day of which this holds. */
  find(holds: (message: TrueMessage) => boolean): TrueMessage {
    const found = this.truth.find((it) => it.message_id && !it.probe && holds(it));
    if (!found) throw new Error('the day has no such message');
    return found;
  }
}

/** How generated lines begin. */
export const STAMP = '2026-11-22T08:23:21.123456+00:00';

/** A time as generated lines have it, and so as one begins a line of one's own. */
export function stamp(at: Date): string {
  return at.toISOString().replace('Z', '000+00:00');
}

/** Makes a day that has an hour yet to come, imports what is past, and gives the rest. */
function aDay(data: string, folder: string): { future: string[]; truth: TrueMessage[] } {
  const start = new Date(Date.now() - 23 * 3_600_000);
  const log = join(folder, 'generated.log');
  run(xtask, ['gen', '--lines', `${LINES}`, '--start', start.toISOString(), '--out', log]);
  const now = stamp(new Date());
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const past = lines.filter((line) => line.slice(0, STAMP.length) <= now);
  writeFileSync(log, past.join('\n') + '\n');
  run(waybill, ['import', '--quiet', '--data', data, log]);
  const truth = readFileSync(join(folder, 'truth.ndjson'), 'utf8').trimEnd().split('\n');
  const messages = truth.map((line) => JSON.parse(line) as TrueMessage);
  const micros = Date.now() * 1000;
  const isPast = (it: TrueMessage) => it.items.every((item) => item.first_seen_us < micros);
  return { future: lines.slice(past.length), truth: messages.filter(isPast) };
}

function run(program: string, args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: root });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** Makes the owner by the setup token, then everybody else. */
async function people(daemon: Daemon): Promise<World['customers']> {
  const nobody = daemon.asker();
  const first = { token: daemon.setupToken, login: logins.owner, password };
  await nobody('POST', '/setup', first);
  const owner = daemon.asker(await daemon.login(logins.owner));
  const customer = (name: string, domains: string[]) =>
    owner<{ id: number }>('POST', '/customers', { name, domains }).then((it) => it.id);
  const harbour = await customer('Harbour & Meadow', ['harbour.example', 'meadow.example']);
  const compass = await customer('Compass', ['compass.example']);
  const user = async (login: string, role: string, more: object = {}) => {
    const { id } = await owner<{ id: number }>('POST', '/users', { login, role, ...more });
    const { token } = await owner<{ token: string }>('POST', `/users/${id}/link`, {});
    await nobody('POST', '/password', { token, password });
  };
  for (const role of ['operator', 'support', 'auditor'] as const) await user(logins[role], role);
  await user(logins.admin, 'customer_admin', { customer: harbour });
  await user(logins.other, 'customer_admin', { customer: compass });
  const mailbox = { customer: harbour, mailboxes: [logins.mailbox] };
  await user(logins.mailbox, 'mailbox_user', mailbox);
  return { harbour, compass };
}

let shared: Promise<World> | undefined;
let browser: Promise<Browser> | undefined;

/** The world that all flows of this process share. */
export function world(): Promise<World> {
  return (shared ??= World.start());
}

after(async () => {
  await (await browser)?.close();
  await (await shared)?.daemon.stop();
});

export interface FlowOptions {
  /** Who is logged in; nobody if not told. */
  as?: Role;
  /** `light` if not told. */
  look?: Look;
  /** A language tag of the browser: `it`. */
  language?: string;
  /** Whether it runs with `WAYBILL_LONG` alone: what it measures is the machine's too. */
  long?: boolean;
  /** Console errors that are part of the flow. */
  expects?: RegExp;
  /** Whether it gets an empty daemon of its own, where nobody can log in yet; `world` is not there then. */
  bare?: boolean;
  /** Starts a daemon of its own; `world` is not there then. */
  daemon?: () => Promise<Daemon>;
  /** Whether it gets a world of its own, since it leaves more behind than others bear. */
  apart?: boolean;
}

export interface Flow {
  page: Page;
  world: World;
  daemon: Daemon;
  context: BrowserContext;
}

/** A test in the browser. */
export function flow(
  name: string,
  options: FlowOptions,
  body: (flow: Flow) => Promise<void>,
): void {
  const isLeftOut = options.long && !process.env.WAYBILL_LONG;
  const skip = isLeftOut ? 'WAYBILL_LONG is not set' : missing();
  test(name, { skip, timeout: options.long ? 1_200_000 : 240_000 }, async (told) => {
    try {
      await once(name, options, body);
    } catch (error) {
      // A machine that builds at the same time lets a browser wait; what fails twice has failed.
      told.diagnostic(`tried again, after: ${error}`);
      await once(name, options, body);
    }
  });
}

async function once(
  name: string,
  options: FlowOptions,
  body: (flow: Flow) => Promise<void>,
): Promise<void> {
  const start = options.daemon ?? (options.bare ? () => Daemon.start() : undefined);
  const its = start ? undefined : await (options.apart ? World.start() : world());
  const daemon = its?.daemon ?? (await start!());
  const context = await open(daemon, options);
  try {
    if (options.as && its) await logIn(context, its, options.as);
    const page = await context.newPage();
    const errors = watch(page, options);
    try {
      await body({ page, world: its as World, daemon, context });
    } catch (error) {
      await picture(page, join('failed', name.replaceAll(/\W+/g, '-'))).catch(() => {});
      throw error;
    }
    if (errors.length) throw new Error(`the console tells errors:\n${errors.join('\n')}`);
  } finally {
    await context.close();
    if (start || options.apart) await daemon.stop();
  }
}

async function open(daemon: Daemon, { look, language }: FlowOptions): Promise<BrowserContext> {
  browser ??= chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  const context = await (
    await browser
  ).newContext({
    baseURL: daemon.url,
    colorScheme: look === 'dark' ? 'dark' : 'light',
    viewport: look === 'narrow' ? { width: 360, height: 740 } : { width: 1280, height: 800 },
    locale: language ?? 'en',
    timezoneId: 'Europe/Rome',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  // tsx wraps functions in this, also those that run in the browser.
  await context.addInitScript('globalThis.__name = (it) => it');
  await context.addInitScript(countClicks);
  return context;
}

/** Clicks of the pointer are counted over all pages of the flow. */
function countClicks(): void {
  const isClick = (event: MouseEvent) => event.isTrusted && event.detail > 0;
  const count = (event: MouseEvent) => {
    if (isClick(event))
      sessionStorage.setItem('clicks', `${+(sessionStorage.getItem('clicks') ?? 0) + 1}`);
  };
  addEventListener('click', count, { capture: true });
}

/** Fails where more clicks were needed than a question may take. */
export async function inClicks(page: Page, most: number): Promise<void> {
  const clicks = Number(await page.evaluate(() => sessionStorage.getItem('clicks')));
  if (clicks < 1 || clicks > most) throw new Error(`it took ${clicks} clicks, not ${most}`);
}

/** Gives the browser the session of this role. */
export async function logIn(context: BrowserContext, its: World, role: Role): Promise<void> {
  const [name = '', value = ''] = (await its.cookie(role)).split('=');
  await context.addCookies([{ name, value, url: its.url, httpOnly: true, sameSite: 'Strict' }]);
  // What a flow before this one has chosen is not this one's.
  const likes = { language: null, time_zone: null };
  await (
    await its.as(role)
  )('PUT', '/me/preferences', likes);
}

/** Collects what the console tells of errors. That nobody is logged in is none where nobody is. */
function watch(page: Page, { as, expects }: FlowOptions): string[] {
  const errors: string[] = [];
  const note = (text: string) => {
    if (!expects?.test(text)) errors.push(text);
  };
  page.on('pageerror', (error) => note(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url } = message.location();
    const isNobody = !as && message.text().includes('401') && url.endsWith('/api/v1/me');
    if (!isNobody) note(`${message.text()} (${url})`);
  });
  return errors;
}

/** Leaves a picture in target/screens. */
export async function screen(page: Page, name: string): Promise<void> {
  await picture(page, name);
}

async function picture(page: Page, name: string): Promise<void> {
  const path = join(target, 'screens', `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  // What Playwright does about carets and movement is inline style, which the page's policy refuses.
  await page.screenshot({ path, caret: 'initial', animations: 'allow' });
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Fails where those who do not see the page, or see it otherwise, are told less. */
export async function axe(page: Page): Promise<void> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.map((it) => {
      const nodes = it.nodes.slice(0, 4).map((node) => `  ${node.html} ${node.failureSummary}`);
      return [`${it.id}: ${it.help}`, ...nodes].join('\n');
    });
  });
  if (found.length) throw new Error(`axe on ${page.url()}:\n${found.join('\n')}`);
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** Fails where the page is wider than the window. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    // What scrolls by itself may be wider inside.
    const scrolls = (it: Element) => ['auto', 'scroll'].includes(getComputedStyle(it).overflowX);
    const inside = [...document.querySelectorAll('body *')].filter(scrolls);
    const all = [...document.querySelectorAll('body *')];
    const out = all.filter((it) => it.getBoundingClientRect().right > room + 1);
    const guilty = out.filter((it) => !inside.some((at) => at !== it && at.contains(it)));
    return guilty.slice(0, 5).map((it) => it.outerHTML.slice(0, 160));
  });
  if (wide.length) throw new Error(`${page.url()} is wider than its window:\n${wide.join('\n')}`);
}

/** Waits until nothing is loading: no request is under way, and no part says that it is busy. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
}
