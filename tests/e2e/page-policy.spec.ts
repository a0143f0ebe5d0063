import type { Page } from '@playwright/test';

import { expect, LONG_GAME, test } from './player-page.js';

/** The strictest policy that a page with WebAssembly and a worker can have. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'";

const GAME = `transcript=${LONG_GAME}&ply=22&device=cpu`;

/** Sends `policy` with every file; `violations()` says what it refused. */
async function serveUnder(page: Page, policy: string): Promise<{ violations(): Promise<string[]> }> {
  await page.context().route('**/*', async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'content-security-policy': policy };
    await route.fulfill({ response, headers });
  });
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', (event) =>
      violations.push(
        `${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile ?? ''} ${event.sample}`,
      ),
    );
  });
  return {
    violations: () => page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations),
  };
}

/** The whole page once it has come to rest, but for the badge, whose time is another in each run. */
async function picture(page: Page): Promise<Buffer> {
  await page.waitForLoadState('networkidle');
  // Wherever the last click was, what lies under the pointer by now lights squares.
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator('ol-badge').evaluate((badge) => {
    badge.style.visibility = 'hidden';
  });
  const take = () => page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide' });
  let last = await take();
  await expect
    .poll(
      async () => {
        const before = last;
        last = await take();
        return last.equals(before);
      },
      { message: 'the page comes to rest' },
    )
    .toBe(true);
  return last;
}

for (const width of [1280, 390]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`a strict policy changes no pixel at ${width} pixels in ${colorScheme} colours`, async ({
      player,
      page,
    }) => {
      test.slow();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const see = async () => {
        await player.open(GAME);
        // On a phone these are two tabs; what belongs to the feature comes in after the rest.
        await player.analysed();
        await player.settled();
        const feature = await picture(page);
        await player.analysed();
        return [await picture(page), feature] as const;
      };
      // Two visits now and then differ by themselves; what the policy changes, it changes in every one.
      const free = [await see(), await see()];
      const { violations } = await serveUnder(page, POLICY);
      await expect(async () => {
        for (const [at, shown] of (await see()).entries())
          expect(
            free.some((pictures) => pictures[at]?.equals(shown)),
            'the pictures are the same',
          ).toBe(true);
      }).toPass({ timeout: 40_000 });
      expect(await violations()).toEqual([]);
      await player.analysed();
      // Both would be the same with no bar drawn at all.
      const widths = await page
        .getByRole('listbox', { name: 'Active features' })
        .locator('.bar > *')
        .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
      expect(new Set(widths).size).toBeGreaterThan(3);
    });
  }
}

test('what opens over the page is in its place under a strict policy', async ({ player, page }) => {
  const { violations } = await serveUnder(page, POLICY);
  await player.open(GAME);
  await player.analysed();
  const button = player.term('top move');
  await button.click();
  const card = page.getByRole('group', { name: 'Top move' });
  const [at, beside] = [await button.boundingBox(), await card.boundingBox()];
  expect(Math.abs((beside?.y ?? 0) - (at?.y ?? 0) - (at?.height ?? 0))).toBeLessThan(20);
  await page.keyboard.press('Escape');
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toBeVisible();
  expect(await violations()).toEqual([]);
});

test('trusted types may be required', async ({ player, page }) => {
  const { violations } = await serveUnder(page, `${POLICY}; require-trusted-types-for 'script'`);
  await player.open(GAME);
  await player.analysed();
  await player.features.nth(1).click();
  await player.square('a1').click({ force: true });
  expect(await violations()).toEqual([]);
});
