import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { expect, test } from './player-page.js';

/** The view of features, as people see it. */
class AskPage {
  constructor(readonly page: Page) {}

  async open(query = ''): Promise<void> {
    await this.page.goto(`features.html?device=cpu${query && `&${query}`}`);
  }

  get question(): Locator {
    return this.page.getByRole('combobox', { name: 'Ask which feature knows it' });
  }

  get map(): Locator {
    return this.page.getByRole('grid', { name: /^Best AUROC for/ });
  }

  get answer(): Locator {
    return this.page.getByRole('region', { name: 'Answer' });
  }

  get rows(): Locator {
    return this.answer.locator('.features').getByRole('link');
  }

  get options(): Locator {
    return this.page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
  }

  get feature(): Locator {
    return this.page.getByRole('region', { name: 'Feature', exact: true });
  }

  /** The AUROCs of the answer, from the top. */
  async aurocs(): Promise<number[]> {
    return (await this.answer.locator('.features .auroc b').allInnerTexts()).map(Number);
  }
}

const asking = (page: Page) => new AskPage(page);

test('a question that is typed is answered over all dictionaries, best first, with intervals', async ({
  page,
}) => {
  const ask = asking(page);
  await ask.open();
  // It need not wait for the model.
  await ask.question.fill('own c4');
  await ask.question.press('Enter');
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows own c4?' })).toBeVisible();
  await expect(page).toHaveURL(/label=own\+c4/);
  await expect(ask.rows).toHaveCount(10);
  const aurocs = await ask.aurocs();
  expect(aurocs).toEqual([...aurocs].sort((a, b) => b - a));
  expect(aurocs[0]).toBeGreaterThan(0.85);
  await expect(ask.rows.first()).toContainText(/0\.\d{3}–0\.\d{3}/);
  await ask.answer.getByRole('button', { name: /^Show all/ }).click();
  expect(await ask.rows.count()).toBeGreaterThan(10);
});

test('how a position came about is asked of all dictionaries and neurons too, by a link as well', async ({
  page,
}) => {
  const ask = asking(page);
  await ask.open();
  await ask.question.fill('flipped d3');
  await ask.question.press('Enter');
  await expect(ask.answer.getByRole('heading', { level: 2 })).toHaveText(
    'Which feature knows flipped by the last move d3?',
  );
  await expect(ask.answer).toContainText(/The best of each of \d+ dictionaries, 8 layers of neurons/);
  await expect(ask.rows).toHaveCount(10);
  expect((await ask.aurocs())[0]).toBeGreaterThan(0.85);
  const answer = await ask.answer.innerText();
  await page.reload();
  await expect(ask.rows).toHaveCount(10);
  expect(await ask.answer.innerText()).toBe(answer);
  await expect(ask.map.getByRole('gridcell', { name: /^flipped by the last move d3/ })).toHaveAttribute(
    'aria-selected',
    'true',
  );
});

test('a square of the map is asked about by a click, and the class can be changed', async ({ page }) => {
  const ask = asking(page);
  await ask.open();
  await ask.map.locator('[data-square=f5]').click();
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows own f5?' })).toBeVisible();
  await page.getByRole('radio', { name: 'legal' }).check();
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows legal f5?' })).toBeVisible();
  await expect(ask.map.getByRole('gridcell', { name: /^legal f5/ })).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows own f5?' })).toBeVisible();
});

test('names are completed, and walked with the keyboard', async ({ page }) => {
  const ask = asking(page);
  await ask.open();
  await expect(ask.map).toBeVisible();
  await ask.question.pressSequentially('own c');
  await expect(ask.options.first()).toContainText('own c1');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(ask.question).toHaveAttribute('aria-activedescendant', 'completion-1');
  await expect(ask.options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(ask.options).toHaveCount(0);
  await expect(ask.question).toHaveValue('own c2');
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows own c2?' })).toBeVisible();
});

test('a label that there is not is named, and the nearest one offered', async ({ page }) => {
  const ask = asking(page);
  await ask.open();
  await ask.question.fill('<b>onw</b> c4');
  await ask.question.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: '“<b>onw</b> c4”' })).toBeVisible();
  await ask.question.fill('onw c4');
  await ask.question.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'called “onw c4”' })).toBeVisible();
  await page.getByRole('button', { name: 'Ask “own c4”' }).click();
  await expect(ask.answer.getByRole('heading', { name: 'Which feature knows own c4?' })).toBeVisible();
});

test('an address that asks about an unknown label says so and answers nothing', async ({ page }) => {
  const ask = asking(page);
  await ask.open(`label=${encodeURIComponent('<img src=x onerror=alert(1)> c4')}`);
  await expect(page.getByRole('alert').filter({ hasText: '<img src=x onerror=alert(1)> c4' })).toBeVisible();
  await expect(ask.map).toBeVisible();
  await expect(ask.rows).toHaveCount(0);
  await ask.open('label=onw+c4');
  await page.getByRole('link', { name: 'Ask “own c4”' }).click();
  await expect(ask.rows.first()).toBeVisible();
});

test('a feature is asked for by its number and layer', async ({ page }) => {
  const ask = asking(page);
  await ask.open();
  await ask.question.fill('layer 5 #42');
  await ask.question.press('Enter');
  await expect(page).toHaveURL(/dictionary=blocks\.5\..*feature=42/);
  await expect(ask.feature).toBeVisible();
  await ask.question.fill('layer 5 #99999');
  await ask.question.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'feature 99999' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390, 320]) {
    test(`axe finds nothing in ${colorScheme} colours at ${width} pixels`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const ask = asking(page);
      await ask.open();
      await expect(ask.map).toBeVisible();
      const axe = () => new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
      expect((await axe().analyze()).violations).toEqual([]);
      await ask.open('label=opponent+c4');
      await expect(ask.rows.first()).toBeVisible();
      expect((await axe().analyze()).violations).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  }
}
