import AxeBuilder from '@axe-core/playwright';

import { expect, LONG_GAME, test } from './player-page.js';

const GAME = `transcript=${LONG_GAME}&ply=22`;

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test('axe finds nothing in the middle of a game', async ({ player, page }) => {
      await player.open(GAME);
      await player.analysed();
      await player.features.nth(2).click();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });

    test('axe finds nothing at the start, with an error and a formula open', async ({ player, page }) => {
      await player.open();
      await player.playable();
      await player.transcript.fill('z9');
      await player.button('Read transcript').click();
      await expect(player.alert('Not read')).toBeVisible();
      await player.button('Formula: Top move').click();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });
  });
}

for (const width of [390, 320]) {
  test(`${width} pixels are wide enough`, async ({ player, page }) => {
    await page.setViewportSize({ width, height: 844 });
    await player.open(GAME);
    await player.analysed();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
}

test('discs turn, but not for those who want nothing to move', async ({ player, page }) => {
  const running: number[] = [];
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    await page.emulateMedia({ reducedMotion });
    await player.open(GAME);
    await player.playable();
    running.push(
      await page.evaluate(async () => {
        // A root knows of its own animations only, not of those in the shadow roots below it.
        const animations = (root: Document | ShadowRoot): number =>
          [...root.querySelectorAll('*')].reduce(
            (sum, { shadowRoot }) => sum + (shadowRoot ? animations(shadowRoot) : 0),
            root.getAnimations().length,
          );
        // Pressed from within, so that no animation ends before it is counted.
        window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
        await new Promise((resolve) => setTimeout(resolve));
        return animations(document);
      }),
    );
    await player.expectPly(23);
  }
  const [turning, still] = running;
  expect(turning).toBeGreaterThan(0);
  expect(still).toBe(0);
});

test('numbers that arrive move nothing', async ({ player, page }) => {
  await page.addInitScript(() => {
    const shifts = { value: 0 };
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.value += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await player.open(GAME);
  await player.analysed();
  const shifted = await page.evaluate(
    () => (globalThis as unknown as { shifts: { value: number } }).shifts.value,
  );
  expect(shifted).toBeLessThan(0.02);
});
