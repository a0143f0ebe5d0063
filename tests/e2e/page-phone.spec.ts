import { expect, LONG_GAME, test } from './player-page.js';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

const GAME = `transcript=${LONG_GAME}&ply=22&device=cpu`;

test('the parts of the page are tabs, and the page is no long scroll', async ({ player, page }) => {
  await player.open(GAME);
  const tabs = page.getByRole('tablist', { name: 'About this position' }).getByRole('tab');
  await expect(tabs).toHaveCount(5);
  await player.analysed();
  for (const [tab, content] of [
    ['Feature', 'Strongest here'],
    ['Active', 'hide below'],
    ['Next move', 'By ply'],
    ['Moves', 'Moves'],
    ['Games', 'Transcript'],
  ] as const) {
    await tabs.filter({ hasText: tab }).first().tap();
    await expect(page.getByRole('tabpanel')).toContainText(content);
    expect(await page.evaluate(() => document.documentElement.scrollHeight), tab).toBeLessThan(2400);
  }
});

test('the tabs take the arrow keys', async ({ player, page }) => {
  await player.open(GAME);
  const tabs = page.getByRole('tab');
  await tabs.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(tabs.nth(1)).toBeFocused();
  await expect(tabs.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { name: 'Games' })).toBeFocused();
  await player.expectPly(22);
});

test('the board stays in view, in small, with the way on and back', async ({ player, page }) => {
  await player.open(GAME);
  await player.analysed();
  await expect(page.locator('ol-mini-bar')).toHaveCount(0);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const bar = page.locator('ol-mini-bar');
  await expect(bar).toBeInViewport();
  await bar.getByRole('button', { name: 'One ply on' }).tap();
  await expect(bar).toContainText('ply 23 of 60');
  await page.evaluate(() => scrollTo(0, 0));
  await expect(bar).toHaveCount(0);
});

for (const width of [390, 320]) {
  test(`no label is cut off at ${width} pixels`, async ({ player, page }) => {
    await page.setViewportSize({ width, height: 844 });
    await player.open(GAME);
    await player.analysed();
    const cut = await page.evaluate(() => {
      const found: string[] = [];
      const walk = (root: ParentNode) => {
        for (const element of root.querySelectorAll<HTMLElement>('*')) {
          if (element.shadowRoot) walk(element.shadowRoot);
          const own = [...element.childNodes].some(
            ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim(),
          );
          const { overflowX } = getComputedStyle(element);
          if (
            own &&
            overflowX === 'hidden' &&
            element.scrollWidth > element.clientWidth + 1 &&
            !element.closest('.unseen')
          )
            found.push(`${element.localName}.${element.className}: ${element.textContent?.trim()}`);
        }
      };
      walk(document);
      return found;
    });
    expect(cut.filter((text) => /own|opponent|empty|legal/.test(text))).toEqual([]);
  });
}
