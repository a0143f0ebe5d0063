import { expect, LONG_GAME, test } from './player-page.js';

test.beforeEach(async ({ player }) => {
  await player.open(`transcript=${LONG_GAME}&ply=20`);
  await player.analysed();
});

test('the list counts the active features and sorts them by share of their maximum', async ({
  player,
  page,
}) => {
  const count = Number.parseInt(await page.locator('ol-feature-list .count > b').innerText(), 10);
  // The rows in view alone are drawn; each says of how many it is.
  await expect(player.features.first()).toHaveAttribute('aria-setsize', String(count));
  expect(await player.features.count()).toBeLessThan(20);
  const [, features] =
    /of ([\d,]+) active/.exec(await page.locator('ol-feature-list .count').innerText()) ?? [];
  expect(count).toBeLessThan(Number(features?.replaceAll(',', '')));
  const shares = await page
    .locator('ol-feature-list .option .share .number')
    .evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent ?? '')));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
});

test('a pinned feature stays in view over the plies and can be unpinned', async ({ player, page }) => {
  const second = player.features.nth(1);
  const feature = /Feature (\d+)/.exec((await second.getAttribute('aria-label')) ?? '')?.[1];
  await second.click();
  const panel = page.getByRole('region', { name: 'Feature in view' });
  await expect(panel.getByRole('heading', { name: `Feature ${feature}` })).toBeVisible();
  await expect(panel).toContainText('pinned');
  await page.keyboard.press('ArrowRight');
  await player.moves.nth(30).click();
  await expect(panel.getByRole('heading', { name: `Feature ${feature}` })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`feature=${feature}(&|$)`));
  await player.button('Unpin').click();
  await expect(panel).toContainText('strongest at this ply');
  await expect(page).not.toHaveURL(/feature=/);
});

test('the list is walked and a feature pinned with the keyboard', async ({ player, page }) => {
  await player.tabTo('ol-feature-list');
  await player.featureList.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const id = await player.featureList.getAttribute('aria-activedescendant');
  await page.keyboard.press('Enter');
  const pinned = player.featureList.getByRole('option', { selected: true });
  await expect(pinned).toHaveAttribute('id', id ?? '');
  await expect(pinned).toHaveAccessibleName(/pinned$/);
});

test('the course of a feature leads to a ply', async ({ player }) => {
  const course = player.ply;
  const box = await course.boundingBox();
  if (!box) throw new Error('the course is not to be seen');
  await course.click({ position: { x: (box.width * 35.5) / 61, y: box.height / 2 } });
  await player.expectPly(35);
});

test('the direct effect names the squares that it raises and lowers, and lies over the board', async ({
  player,
  page,
}) => {
  const panel = page.getByRole('region', { name: 'Feature in view' });
  await expect(panel).toContainText(/raises [a-h][1-8] \+\d/);
  await expect(panel).toContainText(/lowers [a-h][1-8] −\d/);
  const [, square = '', most = ''] =
    /raises ([a-h]\d) (\+[\d.]+)/.exec(await page.locator('.squares').innerText()) ?? [];
  await page.getByRole('radio', { name: /^what \d+ adds to it/ }).check();
  await expect(player.square(square)).toHaveAccessibleName(new RegExp(`the feature adds \\${most}`));
  // Of 64 squares four are named by no token.
  await expect(player.board.locator('.none')).toHaveCount(4);
  await expect(player.board.locator('.heat')).toHaveCount(0);
  // It is what the feature adds at this ply, not at all of them.
  await page.keyboard.press('ArrowRight');
  await expect(player.square(square)).not.toHaveAccessibleName(new RegExp(`the feature adds \\${most}`));
});

test('the threshold hides weak features, and says how many remain', async ({ player, page }) => {
  const all = Number(await player.features.first().getAttribute('aria-setsize'));
  const threshold = page.getByRole('slider', { name: 'hide below' });
  await threshold.fill('50');
  await expect(page.locator('ol-feature-list .count')).toContainText('shown');
  await expect
    .poll(async () => Number(await player.features.first().getAttribute('aria-setsize')))
    .toBeLessThan(all);
  await expect(page).toHaveURL(/threshold=50/);
});

test('layers without an SAE cannot be picked, and say why', async ({ player, page }) => {
  // A bundle with an SAE in one layer alone.
  await page.context().route(/\/manifest\.json$/, async (route) => {
    const manifest = await (await route.fetch()).json();
    manifest.dictionaries.length = 1;
    await route.fulfill({ json: manifest });
  });
  await page.reload();
  await player.analysed();
  const layers = page.getByRole('radiogroup', { name: 'Layer' });
  await player.badge.click();
  const engine = page.getByRole('group', { name: 'Engine' });
  const [, count] = /(\d+) layers/.exec(await engine.innerText()) ?? [];
  await page.keyboard.press('Escape');
  await expect(layers.getByRole('radio')).toHaveCount(Number(count));
  const own = layers.getByRole('radio', { checked: true });
  const name = (await own.getAttribute('aria-label')) ?? '';
  const without = layers.getByRole('radio', { name: /No SAE for layer/ });
  await expect(without).toHaveCount(Number(count) - 1);
  // Playwright would wait for it to be enabled.
  await without.first().click({ force: true });
  await expect(without.first()).not.toBeChecked();
  await expect(own).toHaveAttribute('aria-label', name);
});
