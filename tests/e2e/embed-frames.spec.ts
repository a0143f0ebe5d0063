import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, type Page } from '@playwright/test';

import { StaticServer } from '../support/static-server.js';
import { Keyboard } from './keyboard.js';
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

/** `html` as an attribute has it. */
const escapeHtml = (html: string) => html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

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

/** A page of another origin in which a post is written: what is pasted there is what was copied. */
async function paste(page: Page, blog: StaticServer): Promise<string> {
  blog.fail(/^\/editor\.html$/, {
    body: Buffer.from('<!doctype html><title>Write</title><textarea aria-label="Post" autofocus></textarea>'),
  });
  await page.goto(`${blog.origin}/editor.html`);
  const editor = page.getByRole('textbox', { name: 'Post' });
  await expect(editor).toBeFocused();
  await page.keyboard.press('ControlOrMeta+V');
  await expect(editor).toHaveValue(/legal a8/);
  return editor.inputValue();
}

for (const form of ['An element', 'A frame'] as const) {
  for (const place of ['a file of another origin', 'a sandboxed frame'] as const) {
    test(`${form.toLowerCase()} is composed, copied and pasted into ${place}, with the keyboard alone`, async ({
      page,
      context,
      blog,
      post,
    }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.goto(`features.html?${FEATURE}&device=cpu`);
      const keyboard = new Keyboard(page);
      await expect(page.locator('othello-feature').first()).toContainText('legal a8');
      await keyboard.press(page.getByRole('button', { name: 'Embed this feature' }));
      await expect(page.getByRole('dialog', { name: 'Embed' })).toBeVisible();
      const element = page.getByRole('radio', { name: 'An element' });
      await keyboard.to(element);
      if (form === 'A frame') await page.keyboard.press('ArrowDown');
      await expect(page.getByRole('radio', { name: form })).toBeChecked();
      await keyboard.to(page.getByRole('checkbox', { name: 'Maps and plots' }));
      await page.keyboard.press('Space');
      await expect(code(page)).toHaveValue(/legal a8/);
      await keyboard.press(page.getByRole('button', { name: 'Copy the code' }));
      await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);

      const copied = await paste(page, blog);
      const framed = place === 'a sandboxed frame';
      await post(
        framed
          ? `<iframe title="Cell" sandbox="allow-scripts" width="700" height="900" srcdoc="${escapeHtml(copied)}"></iframe>`
          : copied,
      );
      const around = framed ? page.frameLocator('iframe[title=Cell]') : page;
      const inside = form === 'A frame' ? around.frameLocator('iframe[data-othello-lens]') : around;
      const feature = inside.locator('othello-feature');
      await expect(feature.locator('.headline')).toContainText('legal a8');
      await new Keyboard(page).press(feature.getByRole('button', { name: 'Run it here' }));
      await expect(feature.getByRole('button', { name: /^Open ply \d+/ }).first()).toBeVisible();
      await expect(feature.getByRole('img', { name: /^Activations where/ })).toHaveCount(0);
    });
  }
}

test('the code that a figure gives works in a post of another origin', async ({ page, context, post }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('figures.html?figure=f6&device=cpu');
  await expect(page.locator('othello-figure .panel svg').first()).toBeVisible();
  await new Keyboard(page).press(page.getByRole('button', { name: 'Copy embed code' }));
  await expect(page.getByRole('status').filter({ hasText: 'The code was copied.' })).toBeAttached();
  await post(await page.evaluate(() => navigator.clipboard.readText()));
  await new Keyboard(page).press(page.getByRole('button', { name: 'Run it here' }));
  await expect(page.locator('othello-figure .panel svg').first()).toBeVisible();
});
