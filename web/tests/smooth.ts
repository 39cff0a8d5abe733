// How long interactions take until they are drawn.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** More is felt as slow (web.dev/inp). */
const SLOW_MS = 200;

/** Measures from the next page load on. */
export async function measure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all: number[] = ((globalThis as unknown as { interactions: number[] }).interactions = []);
    new PerformanceObserver((list) => {
      for (const it of list.getEntries() as (PerformanceEventTiming & {
        interactionId: number;
      })[]) {
        if (it.interactionId) all.push(it.duration);
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
}

/** Fails where an interaction was slow; of fifty one may be, as browsers reckon it. */
export async function isSmooth(page: Page): Promise<void> {
  await page.waitForTimeout(300);
  const all = await page.evaluate(
    () => (globalThis as unknown as { interactions: number[] }).interactions,
  );
  const worst = all.toSorted((a, b) => b - a)[Math.floor(all.length / 50)] ?? 0;
  assert.ok(worst < SLOW_MS, `an interaction took ${worst} ms until it was drawn`);
}
