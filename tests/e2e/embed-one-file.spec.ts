import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';

// A trace holds the page again and again, and this one is as large as the model.
test.use({ trace: 'off' });
test.setTimeout(180_000);

const DICTIONARY = 'blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0';

test('a widget that is saved as one file runs from the disk, without a network', async ({
  page,
  context,
}, info) => {
  await page.goto('features.html?device=cpu');
  await page.evaluate((dictionary) => {
    const subject = { widget: 'othello-feature', model: null, attributes: { dictionary, feature: '525' } };
    const event = new Event('ol-embed', { bubbles: true, composed: true });
    document.body.dispatchEvent(Object.assign(event, { subject }));
  }, DICTIONARY);
  await expect(page.getByRole('textbox', { name: 'Code' })).toHaveValue(/legal a8/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as one file' }).click(),
  ]);
  const file = info.outputPath('widget.html');
  await download.saveAs(file);
  await context.setOffline(true);
  const saved = await context.newPage();
  const thrown: Error[] = [];
  saved.on('pageerror', (error) => thrown.push(error));
  const asked: string[] = [];
  saved.on('request', (request) => asked.push(request.url()));
  await saved.goto(pathToFileURL(file).href);
  const feature = saved.locator('othello-feature');
  await expect(feature).toContainText('legal a8');
  await saved.evaluate(() => {
    document.addEventListener('othello-live', () => document.body.append('it is live'));
  });
  await feature.getByRole('button', { name: 'Run it here' }).click();
  await expect(saved.getByText('it is live')).toBeVisible();
  expect(asked.filter((url) => url.startsWith('http'))).toEqual([]);
  expect(thrown).toEqual([]);
});
