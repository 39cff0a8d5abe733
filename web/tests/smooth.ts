// How smooth the page is: how long interactions take until they are drawn, whether frames are missing,
// whether anything jumps or flickers, whether rows go on coming.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** More is felt as slow (web.dev/inp). */
export const SLOW_MS = 200;

/** What is written down in the browser. */
interface Measured {
  interactions: Map<number, Interaction>;
  /** Jumps of what stands outside of lists, whose rows are the answer, long after anybody did something. */
  shifts: { value: number; what: string }[];
  /** Between two frames, in milliseconds. */
  frames: number[];
  /** How often a list that had rows had none. */
  blanks: number;
  /** Between two changes of a list, in milliseconds; and when it changed last. */
  rests: number[];
  changed: number;
}

/** A key, a click or a drag, until it is drawn. */
interface Interaction {
  what: string;
  /** Until the page takes it up, and in the page's own code; the rest of `took` is drawing. */
  waited: number;
  worked: number;
  took: number;
}

/** What came of the time since it was asked the last time. */
export interface Told {
  interactions: number;
  p50: number;
  /** Of fifty one may be slow, as browsers reckon it. */
  worst: number;
  /** The slowest, and what it was. */
  slowest: string;
  /** The longest between two frames. */
  frame: number;
  shift: number;
  jumps: string[];
  blanks: number;
  /** The longest in which no new row came into a list. */
  rest: number;
}

/** Measures from the next page load on. */
export async function measure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const told: Measured = {
      interactions: new Map(),
      shifts: [],
      frames: [],
      blanks: 0,
      rests: [],
      changed: performance.now(),
    };
    (globalThis as unknown as { measured: Measured }).measured = told;
    type Event = PerformanceEventTiming & { interactionId: number };
    type Shift = PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
      sources: { node?: Node | null }[];
    };
    new PerformanceObserver((list) => {
      for (const it of list.getEntries() as Event[]) {
        const before = told.interactions.get(it.interactionId);
        if (!it.interactionId || (before && before.took >= it.duration)) continue;
        const at = it.target instanceof Element ? it.target.className || it.target.tagName : '';
        told.interactions.set(it.interactionId, {
          what: `${it.name} ${at}`,
          waited: it.processingStart - it.startTime,
          worked: it.processingEnd - it.processingStart,
          took: it.duration,
        });
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      for (const it of list.getEntries() as Shift[]) {
        const at = it.sources.map(({ node }) =>
          node instanceof Element ? node : node?.parentElement,
        );
        const moved = at.filter((it) => it && !it.closest('[role=treegrid], ol'));
        if (it.hadRecentInput || moved.length === 0) continue;
        told.shifts.push({ value: it.value, what: moved[0]!.outerHTML.slice(0, 120) });
      }
    }).observe({ type: 'layout-shift' });
    let last = performance.now();
    let rows = 0;
    let isOther = false;
    const frame = (now: number) => {
      told.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
      if (!isOther) return;
      isOther = false;
      const there = document.querySelectorAll('[aria-rowindex]').length;
      if (there === 0 && rows > 0 && document.querySelector('[aria-busy=true]')) told.blanks += 1;
      rows = there;
    };
    requestAnimationFrame(frame);
    let top = '';
    new MutationObserver(() => {
      isOther = true;
      const text = document.querySelector('[aria-rowindex="1"]')?.textContent ?? '';
      if (text === top) return;
      top = text;
      told.rests.push(performance.now() - told.changed);
      told.changed = performance.now();
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
}

/** What was measured since this was asked the last time, or the page was loaded. */
export async function told(page: Page): Promise<Told> {
  // What is drawn last is told a moment later.
  await page.waitForTimeout(300);
  const it = await page.evaluate(() => {
    const { measured } = globalThis as unknown as { measured: Measured };
    const copy = { ...measured, interactions: [...measured.interactions.values()] };
    measured.interactions.clear();
    // The last rest has no end yet.
    copy.rests = [...measured.rests, performance.now() - measured.changed];
    Object.assign(measured, {
      ...{ shifts: [], frames: [], blanks: 0, rests: [] },
      changed: performance.now(),
    });
    return copy;
  });
  const all = it.interactions.toSorted((a, b) => b.took - a.took);
  const at = (share: number) => all[Math.floor(all.length * share)]?.took ?? 0;
  const [first] = all;
  return {
    interactions: all.length,
    p50: at(0.5),
    worst: at(0.02),
    slowest: first
      ? `${first.what}: ${first.took} = ${first.waited.toFixed()} + ${first.worked.toFixed()} + drawing`
      : '',
    frame: Math.max(0, ...it.frames),
    shift: it.shifts.reduce((sum, it) => sum + it.value, 0),
    jumps: it.shifts.map((it) => `${it.value.toFixed(3)} ${it.what}`),
    blanks: it.blanks,
    rest: Math.max(0, ...it.rests),
  };
}

/** Fails where an interaction was slow, beyond what this machine takes now for a page with nothing in it. */
export async function isSmooth(page: Page): Promise<void> {
  const took = (await told(page)).worst;
  const machine = await bare(page);
  const said = `an interaction took ${took} ms until it was drawn, of a bare page ${machine} ms`;
  assert.ok(took < SLOW_MS + machine, said);
}

/** What this machine takes now for a page with nothing in it. */
export async function bare(page: Page): Promise<number> {
  const bare = await page.context().newPage();
  await measure(bare);
  await bare.goto('about:blank');
  await bare.setContent('<input>');
  await bare.locator('input').pressSequentially('as much as is typed into a box');
  const { worst } = await told(bare);
  await bare.close();
  return worst;
}
