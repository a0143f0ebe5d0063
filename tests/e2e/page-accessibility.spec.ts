import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect, LONG_GAME, test } from './player-page.js';

const GAME = `transcript=${LONG_GAME}&ply=22`;

/** What axe finds, the size of targets included. */
async function violations(page: Page) {
  const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
  return (await axe.analyze()).violations.map(({ id, nodes }) => [
    id,
    nodes.map(({ target }) => target.join(' ')),
  ]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [view, file] of [
    ['Play', ''],
    ['Guide', 'guide.html'],
  ] as const) {
    test(`axe finds nothing in the view ${view} in ${colorScheme} colours, at any width`, async ({
      player,
      page,
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${file}?${GAME}&device=cpu`);
      await expect(page.locator('ol-status')).toContainText('ply 22 of 60');
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        if (view === 'Play') {
          await player.analysed();
          expect(await violations(page), `${width}, active`).toEqual([]);
          await player.settled();
          if (width < 760) {
            expect(await violations(page), `${width}, feature`).toEqual([]);
            for (const tab of ['Next move', 'Moves', 'Games']) {
              await page.getByRole('tab', { name: tab }).click();
              expect(await violations(page), `${width}, ${tab}`).toEqual([]);
            }
          }
        } else {
          expect(await violations(page), `${width}`).toEqual([]);
        }
      }
      await page.setViewportSize({ width: 1280, height: 844 });
      await page.emulateMedia({ forcedColors: 'active' });
      expect(await violations(page), 'forced colours').toEqual([]);
    });
  }

  test(`axe finds nothing at the start in ${colorScheme} colours, with an error and a formula open`, async ({
    player,
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await player.open();
    await player.playable();
    await player.transcript.fill('z9');
    await player.button('Read transcript').click();
    await expect(player.alert('Not read')).toBeVisible();
    await player.term('top move').click();
    expect(await violations(page)).toEqual([]);
  });
}

test('with forced colours the sides are told apart', async ({ player, page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await player.open(`${GAME}&device=cpu`);
  await player.analysed();
  const fills = await page.evaluate(() => {
    const found = new Map<string, Set<string>>();
    const add = (side: string, colour: string) => {
      found.set(side, (found.get(side) ?? new Set()).add(colour));
    };
    const walk = (root: ParentNode) => {
      for (const element of root.querySelectorAll<HTMLElement>('*')) {
        if (element.shadowRoot) walk(element.shadowRoot);
        for (const side of ['black', 'white', 'own', 'opponent']) {
          if (element.matches(`circle.${side}, path.${side}`)) add(side, getComputedStyle(element).fill);
          if (element.matches(`i.${side}`)) add(side, getComputedStyle(element).backgroundColor);
        }
        if (element.matches('.sheet button'))
          add(
            element.className.includes('black') ? 'black' : 'white',
            getComputedStyle(element, '::before').backgroundColor,
          );
      }
    };
    walk(document);
    return Object.fromEntries([...found].map(([side, all]) => [side, [...all]]));
  });
  for (const [one, other] of [
    ['black', 'white'],
    ['own', 'opponent'],
  ] as const)
    for (const fill of fills[one] ?? []) expect(fills[other], `${one} and ${other}`).not.toContain(fill);
});

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
    await player.expectPly(22);
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
