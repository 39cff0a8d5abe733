// How long interactions take until they are drawn.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** More is felt as slow (web.dev/inp). */
const SLOW_MS = 200;

interface Measured {
  interactions: number[];
}

/** Measures from the next page load on. */
export async function measure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all: number[] = ((globalThis as unknown as Measured).interactions = []);
    new PerformanceObserver((list) => {
      for (const it of list.getEntries() as (PerformanceEventTiming & {
        interactionId: number;
      })[]) {
        if (it.interactionId) all.push(it.duration);
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
}

/** Fails where an interaction was slow, beyond what this machine takes now for a page with nothing in it. */
export async function isSmooth(page: Page): Promise<void> {
  const took = await worst(page);
  const bare = await page.context().newPage();
  await measure(bare);
  await bare.goto('about:blank');
  await bare.setContent('<input>');
  await bare.locator('input').pressSequentially('as much as is typed into a box');
  const machine = await worst(bare);
  await bare.close();
  const told = `an interaction took ${took} ms until it was drawn, of a bare page ${machine} ms`;
  assert.ok(took < SLOW_MS + machine, told);
}

/** Of fifty one may be slow, as browsers reckon it. */
async function worst(page: Page): Promise<number> {
  await page.waitForTimeout(300);
  const all = await page.evaluate(() => (globalThis as unknown as Measured).interactions);
  return all.toSorted((a, b) => b - a)[Math.floor(all.length / 50)] ?? 0;
}
