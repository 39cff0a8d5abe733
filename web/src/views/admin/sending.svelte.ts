// A form that is sent: what is wrong stands beside the field that it is about, and nothing is lost.

import { Problem } from '../../api/client';

export class Sending {
  isBusy = $state(false);
  problem = $state.raw<Problem>();
  #fields: Record<string, RegExp | null>;

  /** Fields, and how the texts of problems begin that are about them, where these do not name the field. */
  constructor(fields: Record<string, RegExp | null> = {}) {
    this.#fields = fields;
  }

  /** Whether it went well. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** What is wrong with a field. */
  of(field: string): string | undefined {
    const { problem } = this;
    const isIts =
      problem && (problem.value === field || this.#fields[field]?.test(problem.message));
    if (!isIts) return undefined;
    const message = problem.message.replace(/^`\w+`: /, '');
    return [message, problem.hint].filter((it) => it).join('. ');
  }

  /** What is wrong, where it is about no field. */
  get other(): Problem | undefined {
    return Object.keys(this.#fields).some((it) => this.of(it)) ? undefined : this.problem;
  }
}

/** Lines of a field that takes one thing a line. */
export function each(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((it) => it.trim())
    .filter((it) => it !== '');
}

/** Rows of a list that comes in pages. */
export interface Pages<R> {
  rows: R[];
  hasMore: boolean;
}

export const PAGE = 100;

/** So many pages of a list; `ask` is given the last row of the page before. */
export async function pages<R>(
  count: number,
  ask: (last?: R) => Promise<R[]>,
  size = PAGE,
): Promise<Pages<R>> {
  const rows: R[] = [];
  for (let page = 0; page < count; page += 1) {
    const more = await ask(rows.at(-1));
    rows.push(...more);
    if (more.length < size) return { rows, hasMore: false };
  }
  return { rows, hasMore: true };
}
