import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Download, Page } from '@playwright/test';

import { Keyboard } from './keyboard.js';
import { expect, test } from './player-page.js';

const DICTIONARY = 'blocks.5.hook_resid_post-matryoshka-32-f1024-s0';

async function openFeatures(page: Page): Promise<void> {
  await page.goto(`features.html?device=cpu&table=features&dictionary=${DICTIONARY}`);
  await expect(table(page)).toHaveAttribute('aria-rowcount', '1025');
  await expect(rows(page).first()).toBeVisible();
}

const table = (page: Page) => page.getByRole('grid', { name: /^(Features of|Dictionaries)/ });
const rows = (page: Page) => table(page).locator('.row');
const status = (page: Page) => page.locator('ol-data-table').getByRole('status');
const numbers = async (page: Page, column: number) =>
  (await rows(page).locator(`[role=gridcell]:nth-child(${column})`).allInnerTexts()).map(Number);

async function text(download: Promise<Download>): Promise<string> {
  return readFile(await (await download).path(), 'utf8');
}

test('all features of a dictionary are listed, of which only those in view are drawn', async ({ page }) => {
  await openFeatures(page);
  expect(await rows(page).count()).toBeLessThan(60);
  const aurocs = await numbers(page, 3);
  expect(aurocs).toEqual([...aurocs].sort((a, b) => b - a));
  const nodes = await page.evaluate(() => {
    const count = (root: Document | ShadowRoot): number =>
      [...root.querySelectorAll('*')].reduce(
        (sum, { shadowRoot }) => sum + 1 + (shadowRoot ? count(shadowRoot) : 0),
        0,
      );
    return count(document);
  });
  expect(nodes).toBeLessThan(3000);
});

test('any column sorts, up and down, and filters', async ({ page }) => {
  await openFeatures(page);
  await page.getByRole('button', { name: 'Sort by Feature' }).click();
  await expect(table(page).getByRole('columnheader', { name: 'Feature' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await expect(rows(page).first()).toContainText('#1023');
  await page.getByRole('button', { name: 'Sort by Feature' }).click();
  await expect(rows(page).first()).toContainText('#0');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('textbox', { name: 'Filter by Tells best' }).fill('own');
  await page.getByRole('textbox', { name: 'Filter by AUROC' }).fill('> 0.7');
  await expect(status(page)).toHaveText(/\d+ of 1,024\s+features/);
  const aurocs = await numbers(page, 3);
  expect(aurocs.length).toBeGreaterThan(0);
  expect(Math.min(...aurocs)).toBeGreaterThan(0.7);
  await page.getByRole('textbox', { name: 'Filter by AUROC' }).fill('much');
  await expect(page.getByRole('textbox', { name: 'Filter by AUROC' })).toHaveAttribute(
    'aria-invalid',
    'true',
  );
  await page.getByRole('textbox', { name: 'Filter by AUROC' }).fill('> 2');
  await expect(page.getByText('None of the 1,024 features passes.')).toBeVisible();
});

test('the keyboard walks the rows and opens one', async ({ page }) => {
  await openFeatures(page);
  await table(page).focus();
  const at = () => table(page).getAttribute('aria-activedescendant');
  await page.keyboard.press('ArrowDown');
  expect(await at()).toBe('row-1');
  await page.keyboard.press('PageDown');
  expect(Number((await at())?.slice(4))).toBeGreaterThan(5);
  await page.keyboard.press('End');
  expect(await at()).toBe('row-1023');
  await expect(page.locator('ol-data-table #row-1023')).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  expect(await at()).toBe('row-1023');
  await page.keyboard.press('Home');
  expect(await at()).toBe('row-0');
  const number = (await rows(page).first().getByRole('link').innerText()).slice(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`feature=${number}(&|$)`));
  await expect(page.getByRole('heading', { name: `Feature ${number}` })).toBeVisible();
});

test('a table is saved as CSV, as it is sorted and filtered', async ({ page }) => {
  await openFeatures(page);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('textbox', { name: 'Filter by AUROC' }).fill('> 0.9');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toBe(`features-${DICTIONARY}.csv`);
  const [header, ...lines] = (await text(download)).trim().split('\r\n');
  expect(header).toMatch(/^feature,label,auroc,/);
  const [shown] = (await status(page).innerText()).split(' ');
  expect(lines).toHaveLength(Number(shown));
  expect(lines.every((line) => Number(line.split(',')[2]) > 0.9)).toBe(true);
});

test('all dictionaries stand in a table, neurons beside them, and lead to their features', async ({
  page,
}) => {
  await page.goto('features.html?device=cpu&table=dictionaries');
  await expect(table(page)).toBeVisible();
  const total = Number(await table(page).getAttribute('aria-rowcount')) - 1;
  expect(total).toBeGreaterThanOrEqual(63 + 8);
  await page.getByRole('button', { name: 'Sort by Own' }).click();
  const own = (await numbers(page, 12)).filter((value) => !Number.isNaN(value));
  expect(own).toEqual([...own].sort((a, b) => b - a));
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('textbox', { name: 'Filter by Recipe' }).fill('neurons');
  await expect(rows(page)).toHaveCount(8);
  // Neurons have no k, α or seed.
  await expect(rows(page).first().locator('[role=gridcell]:nth-child(7)')).toHaveText('–');
  await page.getByRole('textbox', { name: 'Filter by Recipe' }).fill('untrained');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).getByRole('link')).toHaveAttribute('href', /model=control/);
  await page.getByRole('textbox', { name: 'Filter by Recipe' }).fill('matryoshka');
  await page.getByRole('textbox', { name: 'Filter by Layer' }).fill('5');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first().locator('[role=gridcell]:nth-child(7)')).toHaveText('32');
  await rows(page).first().getByRole('link').click();
  await expect(page).toHaveURL(/table=features/);
  await expect(table(page)).toHaveAttribute('aria-label', `Features of ${DICTIONARY}`);
});

test('two columns are drawn against each other', async ({ page }) => {
  await page.goto('features.html?device=cpu&table=dictionaries');
  const plot = page.locator('ol-scatter svg[role=img]');
  await expect(plot).toHaveAttribute('aria-label', /^Own over L0, \d+ points/);
  await page.getByRole('combobox', { name: 'across' }).selectOption('FVU');
  await expect(plot).toHaveAttribute('aria-label', /^Own over FVU, \d+ points/);
  expect(await plot.locator('g path').count()).toBeGreaterThan(40);
});

test('the plot says in words what it shows, and the keys lead from point to point and on', async ({
  page,
}) => {
  await page.goto('features.html?device=cpu&table=dictionaries');
  const scatter = page.locator('ol-scatter');
  const words = /^\d+ points: L0 from [\d.]+ to [\d.]+, Own from \d+ to \d+, which is .+ at L0 [\d.]+\.$/;
  await expect(scatter.locator('.words')).toHaveText(words);
  await expect(scatter.locator('svg[role=img]')).toBeVisible();
  const points = page.getByRole('slider', { name: 'Points, from left to right' });
  const keyboard = new Keyboard(page);
  await keyboard.to(points);
  const said: string[] = [];
  for (const key of ['ArrowRight', 'ArrowRight', 'End', 'ArrowLeft', 'Home']) {
    await page.keyboard.press(key);
    said.push((await points.getAttribute('aria-valuetext')) ?? '');
  }
  expect(new Set(said).size).toBe(4);
  expect(said[4]).toBe(said[0]);
  const l0 = (text = '') => Number(/L0 ([\d.]+)/.exec(text)?.[1]);
  expect(l0(said[0])).toBeLessThanOrEqual(l0(said[1]));
  expect(l0(said[2])).toBeGreaterThan(l0(said[0]));
  await expect(scatter.locator('svg .at')).toHaveCount(1);
  const [dictionary = ''] = (said[0] ?? '').split(',');
  await keyboard.enter();
  await expect(page).toHaveURL(new RegExp(`dictionary=${dictionary}.*table=features`));
});

test('a dictionary that there is not is named, and no other shown in its place', async ({ page }) => {
  await page.goto('features.html?device=cpu&table=features&dictionary=%3Cb%3Enone%3C/b%3E');
  await expect(page.getByRole('alert').filter({ hasText: 'the dictionary “<b>none</b>”' })).toBeVisible();
  await expect(table(page)).toHaveCount(0);
});

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 390],
  ['light', 320],
] as const) {
  test(`axe finds nothing in ${colorScheme} colours at ${width} pixels`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    for (const query of [`table=features&dictionary=${DICTIONARY}`, 'table=dictionaries']) {
      await page.goto(`features.html?device=cpu&${query}`);
      await expect(rows(page).first()).toBeVisible();
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
      expect((await axe.analyze()).violations).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    }
  });
}
