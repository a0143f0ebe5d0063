import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { cardOf, manySaes, RECIPES } from './many-saes.js';
import { expect, LONG_GAME, type PlayerPage, test } from './player-page.js';

const GAME = `transcript=${LONG_GAME}&ply=22`;

test.beforeEach(async ({ page }) => {
  await manySaes(page.context());
});

function picker(page: Page) {
  return page.getByRole('button', { name: /^SAE: / });
}

function list(page: Page) {
  return page.getByRole('listbox', { name: 'SAEs' });
}

function panel(page: Page) {
  return page.getByRole('region', { name: 'Feature in view' });
}

/** The number of the feature in view. */
async function featureInView(page: Page): Promise<number> {
  return Number(await page.locator('ol-feature-panel h2 .number').innerText());
}

function label(number: number): string {
  const plane = ['own', 'opponent', 'empty', 'legal'][number >> 6];
  return `${plane} ${'abcdefgh'.charAt(number % 8)}${Math.floor((number % 64) / 8) + 1}`;
}

/** What two seeds of the same corpus show: the seed that a button opens. */
async function openFirstBoard(player: PlayerPage, page: Page): Promise<{ seed: number; ply: number }> {
  await expect(player.features.first()).toBeVisible();
  const board = panel(page)
    .getByRole('button', { name: /^Show ply/ })
    .first();
  const [, ply, seed] =
    /ply (\d+) of random game (\d+)/.exec((await board.getAttribute('aria-label')) ?? '') ?? [];
  await board.press('Enter');
  await player.button('Open in player').press('Enter');
  return { seed: Number(seed), ply: Number(ply) };
}

test('the picker lists every SAE by layer, with the figures that tell them apart', async ({
  player,
  page,
}) => {
  await player.open(GAME);
  await player.analysed();
  await picker(page).click();
  const options = list(page).getByRole('option');
  const layers = await page.getByRole('radiogroup', { name: 'Layer' }).getByRole('radio').count();
  await expect(options).toHaveCount(layers * RECIPES.length);
  await expect(list(page).getByRole('group')).toHaveCount(layers);
  const last = list(page).getByRole('group').last();
  await expect(last).toHaveAccessibleName(`residual stream after layer ${layers - 1}`);
  await expect(last.getByRole('option').nth(1)).toContainText('matryoshka');
  await expect(last.getByRole('option').nth(1)).toHaveAccessibleName(/L0 40, FVU 12.*31 of 180/);
});

test('weights are fetched when an SAE is opened, and no sooner', async ({ player, page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await player.open(GAME);
  await player.analysed();
  await expect(panel(page).getByRole('button', { name: /^Show ply/ })).toHaveCount(3);
  expect(fetched.filter((url) => /\/cards-/.test(url))).toHaveLength(1);
  // All have the same files: what counts is that opening the list asks for none.
  const before = fetched.length;
  await picker(page).click();
  await expect(list(page)).toBeVisible();
  expect(fetched).toHaveLength(before);
});

test('an SAE is picked with the keyboard, and the address keeps it', async ({ player, page }) => {
  await player.open(GAME);
  await player.analysed();
  await picker(page).focus();
  await page.keyboard.press('Enter');
  await expect(list(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(list(page)).toBeHidden();
  await expect(picker(page)).toBeFocused();
  await expect(picker(page)).toHaveAccessibleName(/matryoshka/);
  await expect(page).toHaveURL(/dictionary=l\d-matryoshka/);
  await player.analysed();
  await page.reload();
  await player.analysed();
  await expect(picker(page)).toHaveAccessibleName(/matryoshka/);
  await page.goBack();
  await player.analysed();
  await expect(picker(page)).toHaveAccessibleName(/standard/);
});

test('Escape closes the picker and picks nothing', async ({ player, page }) => {
  await player.open(GAME);
  await player.analysed();
  const name = (await picker(page).getAttribute('aria-label')) ?? '';
  await picker(page).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Escape');
  await expect(list(page)).toBeHidden();
  await expect(picker(page)).toHaveAttribute('aria-label', name);
});

test('another layer opens with an SAE of the same recipe', async ({ player, page }) => {
  await player.open(`${GAME}&dictionary=l1-p-anneal`);
  await player.analysed();
  await page.getByRole('radio', { name: 'Layer 3' }).click();
  await expect(picker(page)).toHaveAccessibleName(/l3-p-anneal/);
  await expect(page.locator('.site')).toHaveText('residual stream after layer 3');
  await player.analysed();
});

test('a card says what a feature tells and where it is strongest', async ({ player, page }) => {
  await player.open(`${GAME}&feature=19`);
  await player.analysed();
  const { auroc, seed, ply } = cardOf(19);
  const tells = panel(page).getByRole('region', { name: 'What it knows about the board' });
  await expect(tells.getByRole('listitem')).toHaveCount(2);
  await expect(tells.getByRole('listitem').first()).toContainText(label(19));
  await expect(tells.getByRole('listitem').first()).toContainText(auroc.toFixed(3));
  await expect(tells).toContainText('1,000 random games, plies 5 to 55');
  const boards = panel(page).getByRole('button', { name: /^Show ply/ });
  await expect(boards.first()).toHaveAccessibleName(
    `Show ply ${ply} of random game ${seed}, activation 4.50`,
  );
  // Four discs at the start, one more with each move.
  const discs = await boards
    .first()
    .locator('path.own, path.opponent')
    .evaluateAll((paths) => paths.flatMap((path) => path.getAttribute('d')?.match(/M/g) ?? []));
  expect(discs).toHaveLength(4 + ply);
  await expect(boards.first().locator('.mark')).toHaveCount(1);
});

test('the list of features says what each tells best', async ({ player }) => {
  await player.open(GAME);
  await player.analysed();
  const row = player.features.first();
  const feature = Number(await row.locator('b').innerText());
  await expect(row).toContainText(label(cardOf(feature).label));
  await expect(row).toHaveAccessibleName(new RegExp(`best tells ${label(cardOf(feature).label)}`));
});

test('a top board opens its game at its ply, with the feature kept in view', async ({ player, page }) => {
  await player.open(GAME);
  await player.analysed();
  const feature = await featureInView(page);
  const { seed, ply } = await openFirstBoard(player, page);
  expect({ seed, ply }).toEqual({ seed: cardOf(feature).seed, ply: cardOf(feature).ply });
  await player.expectPly(ply);
  expect(await featureInView(page)).toBe(feature);
  await expect(page).toHaveURL(new RegExp(`feature=${feature}`));
  const game = await player.transcript.inputValue();
  await player.button('Undo').click();
  await player.expectPly(22);
  // The same game as its seed gives elsewhere on the page.
  await page.getByRole('spinbutton', { name: 'seed' }).evaluate((box: HTMLInputElement, value) => {
    box.max = '';
    box.value = value;
  }, String(seed));
  await player.button('Random game').click();
  await expect(player.transcript).toHaveValue(game);
});

test('cards that cannot be loaded are said to be missing; the features stay', async ({ player, page }) => {
  await page.context().route(/\/cards-test-/, (route) => route.fulfill({ status: 404 }));
  await player.open(GAME);
  await player.analysed();
  await expect(player.alert('card could not be loaded')).toBeVisible();
  await expect(player.features.first()).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the picker and the card in ${colorScheme} colours`, async ({ player, page }) => {
    await page.emulateMedia({ colorScheme });
    await player.open(GAME);
    await player.analysed();
    await expect(panel(page).getByRole('button', { name: /^Show ply/ })).toHaveCount(3);
    await picker(page).click();
    await expect(list(page)).toBeVisible();
    // The rest of the page is looked at elsewhere.
    const axe = new AxeBuilder({ page })
      .include({ fromShadowDom: ['ol-app', 'ol-play-view', 'ol-feature-panel'] })
      .include({ fromShadowDom: ['ol-app', 'ol-play-view', 'ol-feature-browser', 'ol-dictionary-picker'] });
    expect((await axe.analyze()).violations).toEqual([]);
  });
}

for (const width of [390, 320]) {
  test(`${width} pixels are wide enough for the picker and the card`, async ({ player, page }) => {
    await page.setViewportSize({ width, height: 844 });
    await player.open(GAME);
    await player.analysed();
    await picker(page).click();
    const box = await list(page).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? width)).toBeLessThanOrEqual(width);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
}
