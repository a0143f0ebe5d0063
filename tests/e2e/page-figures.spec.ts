import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Download, Page } from '@playwright/test';

import { Keyboard } from './keyboard.js';
import { expect, test } from './player-page.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const NAMES = Array.from({ length: 16 }, (_, at) => `f${at + 1}`);

/** What was recorded natively of `tests/data/tiny`: 20 games from seed 3. */
const recorded = JSON.parse(readFileSync(path.join(root, 'tests/data/tiny-figures.json'), 'utf8')) as {
  own: { values: Record<string, { value: number }>; board: number[] };
};

/** The strictest policy that a page with WebAssembly and a worker can have, and trusted types. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; require-trusted-types-for 'script'";

class FiguresPage {
  constructor(readonly page: Page) {}

  async open(query: string): Promise<void> {
    await this.page.goto(`figures.html?device=cpu${query ? `&${query}` : ''}`);
  }

  get figure() {
    return this.page.locator('othello-figure');
  }

  /** Waits until a figure is drawn, or says what it lacks. */
  async drawn(): Promise<void> {
    await expect(this.figure.locator('article')).toHaveAttribute('aria-busy', 'false');
    await expect(this.figure.locator('.panel svg, .missing').first()).toBeVisible();
    await expect(this.figure.getByText('Drawing …')).toHaveCount(0);
  }

  button(name: string | RegExp) {
    return this.figure.getByRole('button', { name, exact: true });
  }

  /** Measures anew over so many games from a seed. */
  async reproduce(games: number, seed: number): Promise<void> {
    await this.figure.getByLabel('games').fill(String(games));
    await this.figure.getByLabel('first seed').fill(String(seed));
    await this.figure.getByLabel('workers').fill('1');
    await this.button('Reproduce').click();
  }

  async download(kind: string): Promise<Buffer> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download') as Promise<Download>,
      this.button(kind).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`^othello-lens-f\\d+\\.${kind.toLowerCase()}$`));
    return readFileSync(await file.path());
  }

  /** The page serves the tiny bundle in place of the small one. */
  async withTiny(): Promise<void> {
    await this.page.route('**/models/small/**', async (route) => {
      const name = path.basename(new URL(route.request().url()).pathname);
      await route.fulfill({ body: readFileSync(path.join(root, 'tests/data/tiny', name)) });
    });
  }
}

const figures = test.extend<{ view: FiguresPage }>({
  // The fixture of the page is what fails a test whose page throws.
  view: async ({ player }, use) => use(new FiguresPage(player.page)),
});

for (const name of NAMES) {
  figures(`${name} is drawn from the bundle that ships, or says what is missing`, async ({ view, page }) => {
    await view.open(`figure=${name}`);
    await view.drawn();
    const pictures = view.figure.locator('.panel svg');
    const drawn = await pictures.count();
    if (drawn === 0) {
      await expect(view.figure.locator('.missing').first()).toContainText(/^(This|There) /);
      return;
    }
    await expect(view.figure.locator('.finding')).toContainText(/\d/);
    for (let at = 0; at < drawn; at++) await expect(pictures.nth(at)).toHaveAccessibleName(/\d.*\./);
    await page.getByText('All numbers as tables').click();
    await expect.poll(() => view.figure.locator('.scroll tbody tr').count()).toBeGreaterThan(2);
  });
}

figures(
  'all figures stand side by side, and the keyboard leads to each and on to the next',
  async ({ view, page }) => {
    await view.open('');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Figures');
    const links = page.getByRole('link', { name: /^F\d+: / });
    await expect(links).toHaveCount(16);
    // Those that are far below are not drawn yet.
    await expect(view.figure.first()).toBeVisible();
    expect(await view.figure.count()).toBeLessThan(16);
    await links.nth(0).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/figures\.html\?.*figure=f1/);
    await view.drawn();
    await page.getByRole('link', { name: /F2$/ }).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/figure=f2/);
    await page.goBack();
    await expect(page).toHaveURL(/figure=f1/);
    await page.getByRole('link', { name: 'All figures' }).press('Enter');
    await expect(links).toHaveCount(16);
  },
);

figures(
  'the guide leads to every figure, and each is measured again, with the keyboard alone',
  async ({ view, page }) => {
    figures.setTimeout(300_000);
    await view.withTiny();
    await page.goto('guide.html?transcript=f5d6c3&device=cpu');
    const keyboard = new Keyboard(page);
    await keyboard.press(page.getByRole('link', { name: 'the figure of the 9 of 180' }));
    const missing: string[] = [];
    for (const [at, name] of NAMES.entries()) {
      await expect(page).toHaveURL(new RegExp(`figure=${name}(&|$)`));
      await view.drawn();
      if ((await view.button('Reproduce').count()) === 0) {
        // Of what a bundle of two dictionaries has none of, the figure says so.
        await expect(view.figure.locator('.missing'), name).toBeVisible();
        missing.push(name);
      } else {
        await keyboard.write(view.figure.getByLabel('games'), '4');
        await keyboard.write(view.figure.getByLabel('workers'), '1');
        await keyboard.press(view.button('Reproduce'));
        await expect(
          view.figure.getByRole('status').filter({ hasText: 'The figure is measured.' }),
          name,
        ).toBeAttached();
        await expect(view.button('yours'), name).toHaveAttribute('aria-pressed', 'true');
        await expect(view.figure.getByRole('alert'), name).toHaveCount(0);
      }
      const next = NAMES[at + 1];
      if (next)
        await keyboard.press(page.getByRole('link', { name: `→ ${next.toUpperCase()}`, exact: true }));
    }
    expect(missing).toEqual(['f6', 'f7', 'f8', 'f9']);
  },
);

figures('a figure of regressions tells how many are fitted, and comes to its end', async ({ view }) => {
  await view.open('figure=f13');
  await view.drawn();
  await view.reproduce(8, 0);
  await expect(view.figure.locator('.progress')).toContainText(/of 144 regressions fitted/);
  await expect(view.figure.getByRole('status').filter({ hasText: 'The figure is measured.' })).toBeAttached();
  await expect(view.figure.locator('.panel svg')).toHaveCount(4);
});

figures('a figure that there is not is named, with those that there are', async ({ view }) => {
  await view.open('figure=f99');
  await expect(view.figure.getByRole('alert')).toContainText('There is no figure “f99”');
  await expect(view.figure.getByRole('alert').getByRole('listitem')).toHaveCount(16);
});

figures(
  'a dictionary that there is not is named, and no other is drawn in its place',
  async ({ view, page }) => {
    await view.open('figure=f1&dictionary=blocks.9.nothing');
    await expect(view.figure.getByRole('alert')).toContainText('no dictionary “blocks.9.nothing”');
    await expect(view.figure.locator('.panel')).toHaveCount(0);
    await view.figure.getByLabel('dictionary').selectOption({ index: 2 });
    await view.drawn();
    await expect(page).not.toHaveURL(/blocks\.9/);
    await expect(page).toHaveURL(/dictionary=blocks/);
  },
);

figures('a label or name with markup is text', async ({ view, page }) => {
  await view.open(`figure=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  await expect(view.figure.getByRole('alert')).toContainText('<img src=x onerror=alert(1)>');
  await view.open(`figure=f2&label=${encodeURIComponent('<b>own c4</b>')}`);
  await view.drawn();
  await expect(view.figure.locator('.missing')).toContainText('<b>own c4</b>');
  expect(await page.locator('img').count()).toBe(0);
});

figures(
  'what is reproduced agrees with what was measured natively, number by number',
  async ({ view, page }) => {
    await view.withTiny();
    await view.open('figure=f1');
    await view.drawn();
    await view.reproduce(20, 3);
    await expect(
      view.figure.getByRole('status').filter({ hasText: 'The figure is measured.' }),
    ).toBeAttached();
    await expect(view.button('yours')).toHaveAttribute('aria-pressed', 'true');
    const json = JSON.parse((await view.download('JSON')).toString()) as {
      measured_on: object;
      tables: { rows: [string, string, { value: number }][] }[];
    };
    expect(json.measured_on).toEqual({ games: 20, seed: 3 });
    const { values } = recorded.own;
    const counts = new Map(json.tables[0]?.rows.map(([name, , { value }]) => [name, value]));
    for (const [row, name] of [
      ['contents', 'contents_over_0_9'],
      ['own', 'own_over_0_9'],
      ['legal moves', 'legality_over_0_9'],
    ] as const)
      expect(Math.abs((counts.get(row) ?? Number.NaN) - (values[name]?.value ?? 0)), row).toBeLessThanOrEqual(
        1,
      );
    // The record has all labels in their order, the centre among them; the figure has them by their names.
    const aurocs = new Map(json.tables[1]?.rows.map(([name, , { value }]) => [name, value]));
    expect(aurocs.size).toBeGreaterThan(230);
    for (const value of aurocs.values()) {
      const near = recorded.own.board.some((native) => Math.abs(native - value) < 0.002);
      expect(near, `${value} was measured natively`).toBe(true);
    }
    await expect(page.getByRole('region', { name: 'Agreement', exact: true })).toContainText(
      /numbers|hold yours against/,
    );
  },
);

figures(
  'a reproduction tells how far it is, and cancelled halfway it leaves everything as it was',
  async ({ view, page }) => {
    await view.open('figure=f1');
    await view.drawn();
    const before = await view.figure.locator('.finding').innerText();
    await view.reproduce(4000, 0);
    const bar = view.figure.getByRole('progressbar', { name: 'Games measured' });
    await expect(bar).toBeVisible();
    await expect(view.figure.locator('.progress')).toContainText(/of 4,000 games, about .* left/);
    // The page answers meanwhile.
    await page.getByText('What the numbers mean').click();
    await expect(view.figure.locator('dl').first()).toBeVisible();
    await view.button('Cancel').click();
    await expect(bar).toHaveCount(0);
    await expect(view.button('Reproduce')).toBeVisible();
    await expect(view.figure.locator('.finding')).toHaveText(before);
    await expect(view.figure.getByRole('alert')).toHaveCount(0);
    // And again, to the end.
    await view.reproduce(16, 0);
    await expect(page.getByRole('region', { name: 'Agreement', exact: true })).toContainText(
      /\d+ of \d+ numbers agree/,
    );
    await expect(
      page.getByRole('region', { name: 'Agreement, number by number' }).locator('tbody tr').first(),
    ).toBeVisible();
    await view.button('the bundle’s').click();
    await expect(view.figure.locator('.finding')).toHaveText(before);
  },
);

figures(
  'a figure is exported as SVG, PNG, CSV and JSON, and as a link and code to embed',
  async ({ view, page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await view.open('figure=f1');
    await view.drawn();
    const svg = (await view.download('SVG')).toString();
    expect(svg).toMatch(/^<\?xml/);
    // It stands by itself: nothing of the page's styles is left in it.
    expect(svg).not.toMatch(/var\(|style=|<style|currentColor/);
    const read = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return {
        failed: parsed.querySelector('parsererror') !== null,
        title: parsed.querySelector('title')?.textContent,
        shapes: parsed.querySelectorAll('rect, path, line').length,
      };
    }, svg);
    expect(read).toMatchObject({ failed: false, title: 'F1 What features tell of the board' });
    expect(read.shapes).toBeGreaterThan(20);

    const png = await view.download('PNG');
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    const colours = await page.evaluate(
      async (bytes) => {
        const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        const { data = [] } = context?.getImageData(0, 0, image.width, image.height) ?? {};
        const seen = new Set<number>();
        for (let at = 0; at < data.length; at += 4)
          seen.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
        return { width: image.width, blue: seen.has(0x0072b2), orange: seen.has(0xd55e00) };
      },
      [...png],
    );
    expect(colours.width).toBeGreaterThan(1000);
    expect(colours).toMatchObject({ blue: true, orange: true });

    const csv = (await view.download('CSV')).toString().trim().split('\r\n');
    expect(csv[0]).toBe('table,labels,of,told,told low,told high');
    expect(csv.length).toBeGreaterThan(240);
    const json = JSON.parse((await view.download('JSON')).toString());
    expect(json).toMatchObject({ figure: 'f1', measured_on: { seed: 0 } });

    await view.button('Copy link').click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/figures\.html\?.*figure=f1/);
    await view.button('Copy embed code').click();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toMatch(
      /^<script type="module" src="http.*elements\.js"><\/script>\n<othello-figure bundle="http.*name="f1"/,
    );
  },
);

figures('without a clipboard the link stands there to be copied', async ({ view, page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await view.open('figure=f6');
  await view.drawn();
  await view.button('Copy link').click();
  await expect(view.figure.getByLabel('This browser keeps the clipboard')).toHaveValue(/figure=f6/);
});

figures('a strict policy with trusted types refuses nothing, exports included', async ({ view, page }) => {
  await page.context().route('**/*', async (route) => {
    // A connection that was kept may be closed just when it is used again.
    const response = await route.fetch({ maxRetries: 3 });
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': POLICY } });
  });
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) =>
      violations.push(`${effectiveDirective}: ${blockedURI} ${sample}`),
    );
  });
  for (const name of ['f1', 'f4', 'f6', 'f12']) {
    await view.open(`figure=${name}`);
    await view.drawn();
    await page.getByText('All numbers as tables').click();
    await view.download('PNG');
    await view.download('SVG');
    const violations = await page.evaluate(
      () => (globalThis as unknown as { violations: string[] }).violations,
    );
    expect(violations, name).toEqual([]);
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390, 320]) {
    for (const query of ['', 'figure=f1', 'figure=f4']) {
      const what = `${query || 'all figures'} at ${width} pixels in ${colorScheme} colours`;
      figures(`axe finds nothing in ${what}, and nothing is cut off`, async ({ view, page }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await view.open(query);
        if (query === '') {
          await expect(view.figure.locator('.panel svg').first()).toBeVisible();
        } else {
          await view.drawn();
          await page.getByText('All numbers as tables').click();
          await page.getByText('What the numbers mean').click();
        }
        const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
        expect((await axe.analyze()).violations).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
      });
    }
  }
}
