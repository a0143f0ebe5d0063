import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, type Page } from '@playwright/test';

import { StaticServer } from '../support/static-server.js';
import { expect } from './player-page.js';

const DIST = path.resolve(import.meta.dirname, '../../dist');
const DICTIONARY = 'blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0';
const FEATURE = `dictionary=${DICTIONARY}&feature=525`;

interface Fixtures {
  /** The page, on a host that lets other origins read it. */
  site: StaticServer;
  /** Somebody else's host, of another origin than the page's. */
  blog: StaticServer;
  /** Publishes a post there and opens it. */
  post: (body: string, head?: string) => Promise<Page>;
}

const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  site: async ({}, use) => {
    const site = await StaticServer.start({ '/some/where/': DIST });
    await use(site);
    await site.close();
  },
  baseURL: ({ site }, use) => use(`${site.origin}/some/where/`),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  blog: async ({}, use) => {
    const blog = await StaticServer.start({});
    await use(blog);
    await blog.close();
  },
  post: async ({ page, blog }, use) => {
    const thrown: Error[] = [];
    page.on('pageerror', (error) => thrown.push(error));
    await use(async (body, head = '') => {
      const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A post</title>${head}
        <main><h1>A post</h1>${body}</main></html>`;
      blog.fail(/^\/post\.html$/, { body: Buffer.from(html) });
      await page.goto(`${blog.origin}/post.html`);
      return page;
    });
    expect(thrown).toEqual([]);
  },
});

/** Opens the composer for a feature, as its page does. */
async function compose(page: Page): Promise<void> {
  await page.goto(`features.html?device=cpu`);
  await page.evaluate((dictionary) => {
    const subject = { widget: 'othello-feature', model: null, attributes: { dictionary, feature: '525' } };
    const event = new Event('ol-embed', { bubbles: true, composed: true });
    document.body.dispatchEvent(Object.assign(event, { subject }));
  }, DICTIONARY);
  await expect(page.getByRole('dialog', { name: 'Embed' })).toBeVisible();
}

const code = (page: Page) => page.getByRole('textbox', { name: 'Code' });

test('a widget in a frame is as high as it needs to be, and never touches the history around it', async ({
  post,
  baseURL,
}) => {
  const page = await post(
    `<iframe data-othello-lens src="${baseURL}features.html?embed=true&${FEATURE}" width="100%" height="40"></iframe>
     <script async src="${baseURL}embed.js"></script>`,
  );
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('othello-feature')).toContainText('legal a8 AUROC');
  await expect
    .poll(async () => {
      const outside = await page.locator('iframe').evaluate(({ clientHeight }) => clientHeight);
      const inside = await frame
        .locator('ol-embed')
        .evaluate((widget) => widget.getBoundingClientRect().height);
      return Math.abs(outside - inside);
    })
    .toBeLessThan(3);
  await expect(frame.locator('ol-app')).toHaveCount(0);
  await expect(frame.getByRole('link', { name: 'Open in othello-lens' })).toHaveAttribute(
    'href',
    `${baseURL}features.html?${FEATURE}`,
  );
  await frame.getByRole('button', { name: 'Run it here' }).click();
  expect(await page.evaluate(() => history.length)).toBe(2);
});

test('a game in a frame is stepped through without a step in the history around it', async ({
  post,
  baseURL,
}) => {
  const page = await post(
    `<iframe data-othello-lens src="${baseURL}index.html?embed=true&transcript=f5d6c3d3c4&ply=2&device=cpu"
       width="100%" height="600"></iframe>`,
  );
  const frame = page.frameLocator('iframe');
  await frame.getByRole('button', { name: 'Run it here' }).click();
  const ply = frame.getByRole('slider', { name: 'Ply' });
  await ply.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(frame.getByRole('img', { name: /after 4 moves/ }).first()).toBeVisible();
  expect(await page.evaluate(() => history.length)).toBe(2);
});

test('messages of strangers change nothing', async ({ post, baseURL, blog }) => {
  const stranger = `<script>
    const size = { type: 'othello-lens:size', height: 7777 };
    const theme = { type: 'othello-lens:theme', theme: 'dark' };
    setInterval(() => {
      parent.postMessage(size, '*');
      for (let i = 0; i < parent.length; i++) parent[i].postMessage(theme, '*');
      document.title = 'sent';
    }, 30);
  </script>`;
  blog.fail(/^\/stranger\.html$/, { body: Buffer.from(stranger) });
  const page = await post(
    `<iframe data-othello-lens id="widget" src="${baseURL}features.html?embed=true&${FEATURE}" height="300"></iframe>
     <iframe id="stranger" src="/stranger.html"></iframe>
     <script async src="${baseURL}embed.js"></script>`,
  );
  const feature = page.frameLocator('#widget').locator('othello-feature');
  await expect(feature).toContainText('AUROC');
  await expect(page.frameLocator('#stranger').locator('html')).toBeAttached();
  await page.waitForTimeout(300);
  await expect(feature).not.toHaveAttribute('theme', 'dark');
  expect(await page.locator('#widget').evaluate(({ clientHeight }) => clientHeight)).toBeLessThan(2000);
  // The page around it may.
  await page.evaluate(
    (origin) => {
      const { contentWindow } = document.querySelector('iframe') as HTMLIFrameElement;
      contentWindow?.postMessage({ type: 'othello-lens:theme', theme: 'dark' }, origin);
    },
    new URL(baseURL ?? '').origin,
  );
  await expect(feature).toHaveAttribute('theme', 'dark');
});

for (const [what, query, message] of [
  ['a model', `${FEATURE}&model=<b>huge</b>`, 'There is no such thing as the model “<b>huge</b>”.'],
  ['a dictionary', 'dictionary=<b>none</b>&feature=1', 'has no dictionary “<b>none</b>”'],
  ['a feature', `dictionary=${DICTIONARY}&feature=9999`, 'There is no feature 9999'],
] as const) {
  test(`a widget names ${what} that there is not`, async ({ page }) => {
    await page.goto(`features.html?embed=true&${query}`);
    await expect(page.getByRole('alert')).toContainText(message);
    await expect(page.locator('ol-embed')).not.toContainText('AUROC');
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a widget and the composer are accessible in ${colorScheme} colours`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const check = async () => {
      const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
      expect(
        (await axe.analyze()).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      ).toEqual([]);
    };
    await page.goto(`features.html?embed=true&${FEATURE}`);
    await expect(page.locator('othello-feature')).toContainText('AUROC');
    await check();
    await compose(page);
    await expect(page.frameLocator('iframe').locator('othello-feature')).toContainText('AUROC');
    const axe = new AxeBuilder({ page }).include({ fromShadowDom: ['ol-embed-composer', 'dialog'] });
    expect((await axe.analyze()).violations).toEqual([]);
  });
}

test('the composer writes what was chosen, copies it and goes', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await compose(page);
  await expect(code(page)).toHaveValue(/<p>Feature 525 of .*: legal a8, AUROC 0\.\d{3}/);
  await page.getByRole('checkbox', { name: 'Maps and plots' }).uncheck();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect(code(page)).toHaveValue(/panels="label boards test effect" theme="dark"/);
  await expect(page.frameLocator('iframe').locator('othello-feature')).toHaveAttribute('theme', 'dark');
  await page.getByRole('button', { name: 'Copy the code' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await code(page).inputValue());
  await page.keyboard.press('Escape');
  await expect(page.locator('ol-embed-composer')).toHaveCount(0);
});

for (const form of ['An element', 'A frame'] as const) {
  test(`the code of the composer works in a post of another origin: ${form}`, async ({ page, post }) => {
    await compose(page);
    await page.getByRole('radio', { name: form }).check();
    await expect(code(page)).toHaveValue(/legal a8/);
    const opened = await post(await code(page).inputValue());
    const inside = form === 'A frame' ? opened.frameLocator('iframe') : opened;
    await expect(inside.locator('othello-feature')).toContainText('Feature 525');
    await expect(inside.locator('othello-feature .headline')).toContainText('legal a8');
  });
}
