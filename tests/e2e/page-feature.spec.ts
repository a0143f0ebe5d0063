import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { Keyboard } from './keyboard.js';
import { expect, LONG_GAME, test } from './player-page.js';

const DICTIONARY = 'blocks.5.hook_resid_post-matryoshka-32-f1024-s0';
/** It tells own c4. */
const FEATURE = 42;
/** One of ten dictionaries that differ in their seeds alone; its feature 722 is never active. */
const SEEDED = 'blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0';

const view = (page: Page) => page.getByRole('region', { name: 'Feature', exact: true });
const section = (page: Page, name: string) => view(page).getByRole('region', { name });
const tools = (page: Page) => section(page, 'Measure and export');

async function open(page: Page, query = '', feature = FEATURE, dictionary = DICTIONARY): Promise<void> {
  await page.goto(`features.html?device=cpu&dictionary=${dictionary}&feature=${feature}${query}`);
  await expect(view(page).getByRole('heading', { level: 2, name: `Feature ${feature}` })).toBeVisible();
}

/** The parts that fold on a phone. */
const folds = (page: Page) => view(page).locator('othello-feature-page details:not([id])');

/** Unfolds a part, where parts are folded. */
async function unfold(page: Page, name: string): Promise<void> {
  const fold = folds(page).filter({ hasText: name });
  if (await fold.count()) await fold.locator('summary').first().click();
}

/** Measures over few games, as many as the numbers on the page can be checked with. */
async function recompute(page: Page, games = 12): Promise<void> {
  await unfold(page, 'Measure again and export');
  await tools(page).getByRole('spinbutton', { name: 'games' }).fill(String(games));
  await tools(page).getByRole('button', { name: 'Recompute' }).click();
  await expect(tools(page).getByRole('row', { name: /^AUROC of own c4/ })).toBeVisible();
}

test('a feature says what it is and what it knows, with an interval', async ({ page }) => {
  await open(page);
  await expect(view(page)).toContainText(DICTIONARY);
  await expect(view(page)).toContainText(/L0 32 · active in 4\d/);
  const knows = section(page, 'What it knows');
  await expect(knows).toContainText(/own c4: AUROC 0\.9\d\d/);
  await expect(knows).toContainText('The player to move has a disc on c4.');
  const boards = section(page, 'Boards').getByRole('region', { name: 'Strongest' }).getByRole('button');
  await expect(boards).toHaveCount(8);
  await expect(boards.first()).toHaveAccessibleName(
    /^Open ply \d+ of random game \d+: \w+ to move, activation/,
  );
  await expect(section(page, 'What it adds to the next move')).toContainText(/It raises [a-h]\d \+/);
  await expect(page.getByRole('region', { name: 'Others that know it' })).toContainText(`#${FEATURE}`);
});

test('a feature that is never active is called dead', async ({ page }) => {
  await open(page, '', 722, SEEDED);
  await expect(view(page)).toContainText('dead: never active');
  await expect(view(page)).toContainText('What it adds to the next move a unit of activation');
  await expect(view(page)).not.toContainText('It raises a1 +0.00');
  await expect(section(page, 'What it knows')).toHaveCount(0);
});

test('it is measured anew over games of a seed, and the difference shown number by number', async ({
  page,
}) => {
  await open(page);
  await recompute(page);
  const row = tools(page).getByRole('row', { name: /^density/ });
  const [bundle = 0, here = 0, difference = 0] = (await row.getByRole('cell').allInnerTexts()).map((text) =>
    Number(text.replace('−', '-')),
  );
  expect(here - bundle).toBeCloseTo(difference, 2);
  await expect(tools(page)).toContainText('Here: 12 games from seed 0.');
  const plots = section(page, 'Where, and how well');
  await expect(plots.getByRole('img', { name: /^Activations where own c4 holds/ })).toBeVisible();
  await expect(plots.getByRole('img', { name: /^ROC curve for own c4/ })).toBeVisible();
  await expect(plots.getByRole('img', { name: /^AUROC for opponent by square/ })).toBeVisible();
  for (const failure of ['Active though it does not hold', 'Silent though it holds'])
    await expect(view(page).getByRole('region', { name: failure }).getByRole('button').first()).toBeVisible();
});

test('a threshold changes what is shown, and stands in the address', async ({ page }) => {
  await open(page);
  await recompute(page);
  const density = () =>
    tools(page)
      .getByRole('row', { name: /^density/ })
      .getByRole('cell')
      .nth(1)
      .innerText();
  const before = Number(await density());
  const slider = view(page).getByRole('slider', { name: /^Counts as active above/ });
  await slider.fill('50');
  await expect(page).toHaveURL(/threshold=50/);
  await expect.poll(async () => Number(await density())).toBeLessThan(before);
  await expect(view(page)).toContainText('50 % of its maximum');
});

test('measuring can be cancelled', async ({ page }) => {
  await open(page);
  await tools(page).getByRole('spinbutton', { name: 'games' }).fill('5000');
  await tools(page).getByRole('button', { name: 'Recompute' }).click();
  await expect(tools(page).getByRole('progressbar', { name: 'Measuring' })).toBeVisible();
  await tools(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(tools(page).getByRole('progressbar', { name: 'Measuring' })).toHaveCount(0);
  await expect(tools(page).getByRole('row')).toHaveCount(0);
  await expect(view(page).getByRole('alert')).toHaveCount(0);
});

test('what is like it is computed when it is opened, and leads on', async ({ page }) => {
  await open(page);
  const like = section(page, 'What is like it');
  await like.getByText('Nearest by decoder').click();
  const near = like.locator('#decoder').getByRole('button');
  await expect(near).toHaveCount(8);
  await like.getByText('Probe directions').click();
  await expect(like.locator('#probes')).toContainText(/own c4/);
  await like.getByText('As a sum of others').click();
  await expect(like.locator('#sum')).toContainText(/It leaves \d+.% of the direction unexplained/);
  const name = await near.first().innerText();
  await near.first().click();
  await expect(page).toHaveURL(new RegExp(`feature=${name.slice(1)}(&|$)`));
  await expect(view(page).getByRole('heading', { level: 2, name: `Feature ${name.slice(1)}` })).toBeVisible();
  await page.goBack();
  await expect(view(page).getByRole('heading', { level: 2, name: `Feature ${FEATURE}` })).toBeVisible();
});

test('the same feature is looked for in other seeds', async ({ page }) => {
  await open(page, '', 0, SEEDED);
  const like = section(page, 'What is like it');
  await like.getByText('In other seeds').click();
  await expect(like.locator('#seeds').getByRole('button')).toHaveCount(9);
  await expect(like.locator('#seeds')).toContainText(/seed 9: #\d+/);
});

test('a note is kept in the browser, as text', async ({ page }) => {
  await open(page);
  const note = view(page).getByRole('textbox', { name: 'Your note' });
  await note.fill('<img src=x onerror="document.title=1"> the best on c4');
  await note.blur();
  await page.reload();
  await expect(note).toHaveValue('<img src=x onerror="document.title=1"> the best on c4');
  expect(await page.title()).not.toBe('1');
  await view(page).getByRole('button', { name: 'Next feature' }).click();
  await expect(note).toHaveValue('');
});

test('its numbers are saved as JSON and CSV', async ({ page }) => {
  await open(page);
  await expect(section(page, 'What it knows')).toBeVisible();
  const saved = async (name: string) => {
    const download = page.waitForEvent('download');
    await tools(page).getByRole('button', { name, exact: true }).click();
    return readFile(await (await download).path(), 'utf8');
  };
  const json = JSON.parse(await saved('JSON'));
  expect(json).toMatchObject({ dictionary: DICTIONARY, feature: FEATURE, best: { name: 'own c4' } });
  expect(json.boards[0].boards).toHaveLength(8);
  const csv = await saved('CSV');
  expect(csv).toMatch(/^number,of,value,low,high\r\n/);
  expect(csv).toMatch(/auroc of the best,own c4,0\.9/);
});

for (const width of [1280, 390]) {
  test(`a board stands beside the reader’s game, which stays, at ${width} pixels`, async ({
    player,
    page,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    await open(page, '&transcript=f5d6c3d3c4&ply=3');
    await unfold(page, 'Boards, and where it fails');
    // One of those that the card in the player does not list.
    const board = section(page, 'Boards').getByRole('region', { name: 'Random' }).getByRole('button').last();
    const [, ply, game] =
      /ply (\d+) of random game (\d+)/.exec((await board.getAttribute('aria-label')) ?? '') ?? [];
    await board.click();
    await expect(page).toHaveURL(new RegExp(`transcript=f5d6c3d3c4&ply=3.*feature=${FEATURE}(&|$)`));
    const side = page.getByRole('group', { name: `Ply ${ply} of random game ${game}` });
    await expect(side).toBeVisible();
    await player.expectPly(3);
    await side.getByRole('button', { name: 'Open in player' }).click();
    await player.expectPly(Number(ply));
    await expect(page).toHaveURL(new RegExp(`feature=${FEATURE}(&|$)`));
    await page.goBack();
    await player.expectPly(3);
    await expect(page).toHaveURL(/transcript=f5d6c3d3c4&ply=3/);
  });
}

test('the direct effect is that at the ply of the reader’s game, where the feature is active', async ({
  player,
  page,
}) => {
  await player.open(`transcript=${LONG_GAME}&ply=22&device=cpu`);
  await player.settled();
  const here = page.locator('ol-feature-panel dl dd').first();
  await expect(here).toHaveText(/^\d+\.\d\d$/);
  const activation = await here.innerText();
  await page.getByRole('link', { name: 'its page' }).click();
  await expect(section(page, 'What it adds to the next move')).toContainText(
    `at its activation here, ${activation}`,
  );
});

test('on a phone what it knows comes first, and the rest is folded and not drawn', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await expect(section(page, 'What it knows')).toBeInViewport();
  await expect(folds(page)).toHaveCount(7);
  const boards = section(page, 'Boards').getByRole('button');
  await expect(boards).toHaveCount(0);
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  expect(await height()).toBeLessThan(3200);
  // With the keyboard as well.
  const keyboard = new Keyboard(page);
  const fold = folds(page).filter({ hasText: 'Boards, and where it fails' });
  await keyboard.press(fold.locator('summary'));
  await expect(boards.first()).toBeVisible();
  await keyboard.press(fold.locator('summary').first());
  await expect(boards).toHaveCount(0);
});

test('a feature that there is not is named, and no other shown in its place', async ({ page }) => {
  await page.goto(`features.html?device=cpu&dictionary=${DICTIONARY}&feature=5000`);
  await expect(page.getByRole('alert').filter({ hasText: 'the feature 5000' })).toBeVisible();
  await expect(view(page)).toHaveCount(0);
});

test.describe('which feature knows whether c4 is mine, how well, where does it fail, and does another know it better?', () => {
  const answers = async (page: Page) => {
    await expect(section(page, 'What it knows')).toContainText(/own c4: AUROC 0\.\d{3}/);
    for (const failure of ['Active though it does not hold', 'Silent though it holds'])
      await expect(
        view(page).getByRole('region', { name: failure }).getByRole('button').first(),
      ).toBeVisible();
    // No: it is the first of them.
    const others = page.getByRole('region', { name: 'Others that know it' });
    await expect(others.getByRole('link').first()).toHaveAttribute('aria-current', 'true');
    expect(await others.getByRole('link').count()).toBeGreaterThan(5);
  };

  test('in four clicks', async ({ page }) => {
    await page.goto('features.html?device=cpu');
    let clicks = 0;
    const click = async (target: Locator) => {
      clicks += 1;
      await target.click();
    };
    await click(page.getByRole('grid', { name: /^Best AUROC for “own”/ }).locator('[data-square=c4]'));
    await click(page.getByRole('region', { name: 'Answer' }).getByRole('link').first());
    await click(tools(page).getByRole('button', { name: 'Recompute' }));
    await answers(page);
    expect(clicks).toBeLessThanOrEqual(4);
  });

  test('in four activations, with the keyboard alone', async ({ page }) => {
    await page.goto('features.html?device=cpu');
    const keyboard = new Keyboard(page);
    await keyboard.write(page.getByRole('combobox', { name: 'Ask which feature knows it' }), 'own c4');
    await keyboard.enter();
    const first = page.getByRole('region', { name: 'Answer' }).getByRole('link').first();
    await expect(first).toBeVisible();
    await keyboard.press(first);
    await expect(section(page, 'Boards').getByRole('button').first()).toBeVisible();
    await keyboard.press(tools(page).getByRole('button', { name: 'Recompute' }));
    await answers(page);
    expect(keyboard.activations).toBeLessThanOrEqual(4);
  });
});

for (const [colorScheme, width, forcedColors] of [
  ['light', 1280, 'none'],
  ['dark', 390, 'none'],
  ['light', 320, 'none'],
  ['dark', 1280, 'active'],
] as const) {
  test(`axe finds nothing in ${colorScheme} colours at ${width} pixels, forced colours ${forcedColors}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, forcedColors });
    await page.setViewportSize({ width, height: 844 });
    await open(page);
    await recompute(page);
    for (const part of ['Maps and plots', 'Boards, and', 'Effect on', 'A game of', 'Its relatives', 'A note'])
      await unfold(page, part);
    const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
    expect((await axe.analyze()).violations).toEqual([]);
    const { overflow, nodes } = await page.evaluate(() => {
      const count = (root: Document | ShadowRoot): number =>
        [...root.querySelectorAll('*')].reduce(
          (sum, { shadowRoot }) => sum + 1 + (shadowRoot ? count(shadowRoot) : 0),
          0,
        );
      const { scrollWidth, clientWidth } = document.documentElement;
      return { overflow: scrollWidth - clientWidth, nodes: count(document) };
    });
    expect(overflow).toBe(0);
    expect(nodes).toBeLessThan(3000);
  });
}
