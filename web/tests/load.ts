// Mail of a busy site: generated lines, as of now, so many a second, by syslog over TCP.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { STAMP, stamp, xtask } from './harness.ts';

/** More than are sent in any test. */
const LINES = 100_000_000;
/** How many lines are written at once. */
const BATCH = 500;
/** To whom a line of each batch is addressed, so that it is seen how far behind a daemon is. */
export const PROBE = 'probe@load.example';

export class Load {
  /** How many lines were sent. */
  sent = 0;
  private readonly done: Promise<void>;

  private constructor(
    private readonly generator: ChildProcess,
    private readonly socket: Socket,
    private readonly rate: number,
  ) {
    this.done = this.send();
  }

  /** Sends `rate` lines a second to where a daemon takes syslog, until it is stopped. */
  static async start(to: string, rate: number): Promise<Load> {
    const [host, port] = to.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    // Another seed than that of the lines that are there already.
    const args = ['gen', '--lines', `${LINES}`, '--seed', '20', '--out', '-'];
    const generator = spawn(xtask, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    return new Load(generator, socket, rate);
  }

  async stop(): Promise<void> {
    this.generator.kill();
    await this.done;
    this.socket.destroy();
  }

  private async send(): Promise<void> {
    const begun = performance.now();
    let rest = '';
    let lines: string[] = [];
    for await (const chunk of this.generator.stdout!.setEncoding('utf8')) {
      const whole = (rest + chunk).split('\n');
      rest = whole.pop()!;
      lines.push(...whole);
      while (lines.length >= BATCH && !this.generator.killed) {
        const due = begun + (this.sent / this.rate) * 1_000 - performance.now();
        if (due > 0) await wait(due);
        const now = stamp(new Date());
        const probe = ` mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <${PROBE}>: Recipient address rejected: User unknown; from=<a@far.example> to=<${PROBE}> proto=ESMTP helo=<load.example>`;
        const generated = lines.slice(0, BATCH - 1).map((line) => line.slice(STAMP.length));
        const text = [probe, ...generated].map((line) => `${now}${line}\n`);
        lines = lines.slice(BATCH - 1);
        this.sent += BATCH;
        if (!this.socket.write(text.join(''))) await once(this.socket, 'drain');
      }
    }
  }
}
