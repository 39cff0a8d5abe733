// Few questions at a time, in the order in which they were asked.

/** So many questions of a report at a time: the daemon answers others too. */
const AT_A_TIME = 2;

export class Turns {
  #free = AT_A_TIME;
  #waiting: (() => void)[] = [];

  /** Asks when it is its turn; what was given up meanwhile is not asked. */
  async take<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      signal.throwIfAborted();
      return await ask();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
