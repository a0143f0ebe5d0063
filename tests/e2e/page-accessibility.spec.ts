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

test('nothing moves for those who want it so', async ({ player, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await player.open(GAME);
  await player.playable();
  await page.keyboard.press('ArrowRight');
  await player.expectPly(23);
  const running = await page.evaluate(() => document.getAnimations().length);
  expect(running).toBe(0);
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
