// The relay of the daemons that the flows start: what mail they send.

import { createServer, type AddressInfo, type Server } from 'node:net';
import { createInterface } from 'node:readline';

/** Takes mail on loopback, for those whom it knows. */
class Sink {
  readonly came: string[] = [];
  private readonly server: Server;
  private readonly listening: Promise<void>;

  constructor() {
    this.server = createServer((socket) => {
      const say = (text: string) => socket.write(`${text}\r\n`);
      let mail: string[] | undefined;
      say('220 sink ESMTP');
      socket.unref().on('error', () => {});
      createInterface({ input: socket }).on('line', (line) => {
        if (mail && line === '.') {
          this.came.push(mail.join('\n'));
          mail = undefined;
          say('250 2.0.0 Ok: queued as 4F00');
        } else if (mail) mail.push(line);
        else if (line === 'DATA') {
          mail = [];
          say('354 go on');
        } else if (line.startsWith('RCPT TO:<gone@')) say('550 5.1.1 no such user');
        else say('250 sink');
      });
    });
    this.listening = new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    // The tests may end without it.
    this.server.unref();
  }

  /** Where it listens. */
  async port(): Promise<number> {
    await this.listening;
    return (this.server.address() as AddressInfo).port;
  }
}

export const sink = new Sink();
