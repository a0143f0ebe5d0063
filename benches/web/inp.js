// How soon a page answers while it works: "interaction to next paint" (https://web.dev/articles/inp).

/** Begins to take down how long each interaction with `page` takes until the next frame is painted. */
export async function watchInteractions(page) {
  await page.addInitScript(() => {
    globalThis.interactions = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries())
        if (interactionId) {
          const known = globalThis.interactions.get(interactionId) ?? 0;
          globalThis.interactions.set(interactionId, Math.max(known, duration));
        }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
}

/**
 * Of `count` interactions the 98th percentile, in milliseconds. Those that took less than a frame are not reported
 * by the browser: they count as 16 ms.
 */
export async function interactionToNextPaint(page, count) {
  const durations = await page.evaluate(() => [...globalThis.interactions.values()]);
  const all = [...durations, ...new Array(Math.max(0, count - durations.length)).fill(16)];
  all.sort((a, b) => a - b);
  return all[Math.ceil(0.98 * all.length) - 1];
}
