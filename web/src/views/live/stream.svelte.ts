// Rows as they come: bounded, drawn in turns, and sampled where they are more than one can see.

import { api, Problem, type Row } from '../../api/client';
import { tail, type TailState } from '../../api/tail';
import { toneOf } from '../../lib/kinds';

/** Rows in the list. */
const SHOWN_MAX = 1_000;
/** Rows that wait while the list rests, and while the window is hidden. */
const WAITING_MAX = 1_000;
/** How often rows are drawn, and how many of them at a time: more than anybody can read. */
const TURN_MS = 100;
const TURN_ROWS = 20;
/** Over so many turns what came at once is drawn, so that the list does not stand still until more comes. */
const TURNS_AHEAD = 10;
const AHEAD_MAX = TURN_ROWS * TURNS_AHEAD;
/** So many are there at the beginning. */
const BEFORE = 100;
/** Seconds of which rows are counted. */
const SECONDS = 60;
/** Seconds over which the rate is told. */
const RATE_SECONDS = 5;

/** Rows of a second. */
export interface Second {
  rows: number;
  bad: number;
}

const nothing = (): Second => ({ rows: 0, bad: 0 });

export class Stream {
  rows = $state.raw<Row[]>([]);
  state = $state<TailState>('connecting');
  problem = $state.raw<Problem>();
  hasMissed = $state(false);
  isPaused = $state(false);
  /** How many came since the list rests. */
  waiting = $state(0);
  /** One of so many is shown. */
  oneOf = $state(1);
  /** The last minute, the latest second last. */
  seconds = $state.raw<Second[]>(Array.from({ length: SECONDS }, nothing));

  #buffer: string[] = [];
  #second = nothing();
  #came = 0;
  #drawn = 0;
  #stops: (() => void)[] = [];

  get rate(): number {
    const last = this.seconds.slice(-RATE_SECONDS);
    return last.reduce((sum, it) => sum + it.rows, 0) / RATE_SECONDS;
  }

  /** Follows a question instead of the one before. */
  follow(q: string, zone: string) {
    this.stop();
    this.rows = [];
    this.#buffer = [];
    this.waiting = 0;
    this.hasMissed = false;
    this.isPaused = false;
    const abort = new AbortController();
    const before = () => void this.#takeNewest(q, zone, abort.signal);
    before();
    const stopTail = tail(q, {
      rows: (rows) => this.#take(rows),
      missed: () => (this.hasMissed = true),
      state: (state, problem) => {
        // What came until it was open is told by nobody else.
        if (state === 'open') before();
        this.state = state;
        this.problem = problem;
      },
    });
    const turns = setInterval(() => requestAnimationFrame(() => this.#draw()), TURN_MS);
    const seconds = setInterval(() => this.#count(), 1_000);
    this.#stops = [
      () => abort.abort(),
      stopTail,
      () => clearInterval(turns),
      () => clearInterval(seconds),
    ];
  }

  stop() {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  pause() {
    this.isPaused = true;
  }

  resume() {
    this.isPaused = false;
    this.waiting = 0;
    this.#drawAll();
  }

  clear() {
    this.rows = [];
    this.#buffer = [];
    this.waiting = 0;
  }

  /** The newest rows of the archive, among those that are there. */
  async #takeNewest(q: string, zone: string, signal: AbortSignal) {
    try {
      const { rows } = await api.get('/api/v1/rows', { query: { q, zone, limit: BEFORE }, signal });
      if (!this.isPaused)
        this.#show(
          [...this.#unknown(rows), ...this.rows].toSorted((a, b) => (a.at < b.at ? 1 : -1)),
        );
    } catch (error) {
      // The tail tells of it, too.
      if (!signal.aborted && !(error instanceof Problem)) throw error;
    }
  }

  #take(rows: string[]) {
    this.#second.rows += rows.length;
    for (const row of rows) if (toneOf(kind(row)) === 'bad') this.#second.bad += 1;
    this.#came += rows.length;
    this.#buffer.push(...rows.slice(-WAITING_MAX));
    if (this.#buffer.length > WAITING_MAX)
      this.#buffer.splice(0, this.#buffer.length - WAITING_MAX);
    if (this.isPaused) this.waiting += rows.length;
  }

  /** What came, if it is little; else some of it, and of much what is spread evenly over it. */
  #draw() {
    if (this.isPaused || this.#buffer.length === 0) return;
    const all = this.#buffer;
    const step = Math.max(1, all.length / AHEAD_MAX);
    const some =
      step === 1 ? all : Array.from({ length: AHEAD_MAX }, (_, at) => all[Math.floor(at * step)]!);
    const share = Math.ceil(some.length / TURNS_AHEAD);
    const now = some.splice(0, some.length > TURN_ROWS ? share : TURN_ROWS);
    this.#buffer = some;
    this.#drawn += now.length;
    this.#add(now.toReversed().map(read));
  }

  #drawAll() {
    const all = this.#buffer.toReversed().map(read);
    this.#buffer = [];
    this.#drawn += all.length;
    this.#add(all);
  }

  /** Puts rows, the newest first, above those that are there. */
  #add(rows: Row[]) {
    this.#show([...this.#unknown(rows), ...this.rows]);
  }

  #show(rows: Row[]) {
    this.rows = rows.slice(0, SHOWN_MAX);
  }

  #unknown(rows: Row[]): Row[] {
    const known = new Set(this.rows.map((it) => it.id));
    return rows.filter((it) => !known.has(it.id));
  }

  #count() {
    this.seconds = [...this.seconds.slice(1), this.#second];
    this.#second = nothing();
    if (this.isPaused) return;
    this.oneOf = this.#drawn > 0 ? this.#came / this.#drawn : 1;
    this.#came = this.#drawn = 0;
  }
}

const read = (row: string) => JSON.parse(row) as Row;

/** The kind of a row that is not read: within texts quotes have a `\` before them. */
function kind(row: string): string {
  const name = '"kind":"';
  const start = row.indexOf(name) + name.length;
  return row.slice(start, row.indexOf('"', start));
}
