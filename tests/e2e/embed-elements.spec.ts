import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';

import { embedBytes } from '../../benches/web/embed-bytes.js';
import type { StaticServer } from '../support/static-server.js';
import { test as base, expect } from './api.js';

/** Opens a page of plain HTML that has the elements' script and `body`, and fails if it throws. */
export const test = base.extend<{ post: (body: string) => Promise<Page> }>({
  post: async ({ page, host }, use) => {
    const thrown: Error[] = [];
    page.on('pageerror', (error) => thrown.push(error));
    await use(async (body) => {
      publish(host, body);
      await page.goto(`${host.origin}/post.html`);
      return page;
    });
    expect(thrown).toEqual([]);
  },
});

function publish(host: StaticServer, body: string): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A post</title>
    <script type="module" src="/pkg/elements.js"></script><main><h1>A post</h1>${body}</main></html>`;
  host.fail(/^\/post\.html$/, { body: Buffer.from(html) });
}

const GAME = 'f5d6c3d3c4';
const DICTIONARY = 'blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0';

test('a board is drawn from its discs, and nothing but the script is loaded', async ({ post, host }) => {
  const discs = `${'.'.repeat(27)}ox......xo${'.'.repeat(27)}`;
  const page = await post(`<othello-board discs="${discs}" to-move="black" marked="d4 e5"></othello-board>`);
  const board = page.getByRole('img', { name: 'Othello board' });
  await expect(board).toHaveAccessibleName(
    'Othello board; 2 black and 2 white discs; black to move; marked: d4, e5',
  );
  await expect(board.locator('.disc.white')).toHaveCount(2);
  await expect(board.locator('.mark')).toHaveCount(2);
  const loaded = host.requests.map(({ path }) => path).filter((path) => path !== '/favicon.ico');
  expect(loaded).toEqual(['/post.html', '/pkg/elements.js']);
});

test('a board of a transcript needs the rules and no model', async ({ post, host }) => {
  const page = await post(
    `<othello-board transcript="${GAME}" ply="2" colours="own-opponent"></othello-board>`,
  );
  const board = page.getByRole('img', { name: 'Othello board after 2 moves' });
  await expect(board).toHaveAccessibleName(/black to move; last move d6$/);
  await expect(board.locator('.disc.own')).toHaveCount(3);
  await expect(board.locator('.disc.opponent')).toHaveCount(3);
  expect(host.requests.filter(({ path }) => path.startsWith('/models/'))).toEqual([]);
});

for (const [what, attributes, message] of [
  ['a move that the rules refuse', 'transcript="f5f5"', /f5/],
  [
    'a ply behind the end',
    'transcript="f5d6" ply="9"',
    'ply="9" is not in the game, which has the plies 0 to 2.',
  ],
  ['a board that is too short', 'discs="xo"', 'A board has 64 squares; discs="…" has 2 characters.'],
  [
    'a square that there is not',
    'discs="" marked="<b>z9</b>"',
    '“<b>z9</b>” is no square: squares are a1 to h8.',
  ],
] as const) {
  test(`a board says what is wrong with ${what}`, async ({ post }) => {
    const page = await post(`<othello-board ${attributes}></othello-board>`);
    await expect(page.getByRole('alert')).toContainText(message);
  });
}

test('the engine starts when the element is used, and two elements share it', async ({ post, host }) => {
  const player = `<othello-player bundle="/models/small/" device="cpu" transcript="${GAME}"></othello-player>`;
  const page = await post(player + player);
  await expect(page.getByRole('img', { name: 'Othello board' })).toHaveCount(2);
  const models = () => host.requests.filter(({ path }) => path.startsWith('/models/'));
  expect(models()).toEqual([]);
  const start = page.getByRole('button', { name: 'Run it here' });
  await start.first().click();
  await expect(page.getByRole('slider', { name: 'Ply' })).toHaveCount(1);
  await start.click();
  await expect(page.getByRole('slider', { name: 'Ply' })).toHaveCount(2);
  expect(models().filter(({ path }) => path.endsWith('manifest.json'))).toHaveLength(1);
});

test('a player lists what the model expects next, and how active a feature is from ply to ply', async ({
  post,
}) => {
  const page = await post(
    `<othello-player live bundle="/models/small/" device="cpu" transcript="${GAME}" ply="3"
       dictionary="${DICTIONARY}" feature="525"></othello-player>`,
  );
  const moves = page.getByRole('region', { name: 'Next moves' });
  await expect(moves.getByRole('listitem')).toHaveCount(6);
  const shares = (await moves.getByRole('listitem').allInnerTexts()).map((text) =>
    Number(/([\d.]+) %/.exec(text)?.[1]),
  );
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  await expect(moves.getByRole('listitem').filter({ hasText: 'played' })).toContainText('d3');
  const course = page.getByRole('region', { name: 'Feature 525 by ply' });
  await expect(course).toContainText(/At ply 3: \d+\.\d\d\. At most in this game: \d+\.\d\d\./);
  await expect(course.locator('.course-bars rect:not(.here)')).toHaveCount(6);
  await page.getByRole('slider', { name: 'Ply' }).press('ArrowRight');
  await expect(course).toContainText('At ply 4:');
  await expect(moves.getByRole('listitem').filter({ hasText: 'played' })).toContainText('c4');
});

test('a player names a feature that there is not, and shows none in its place', async ({ post }) => {
  const page = await post(
    `<othello-player live bundle="/models/small/" device="cpu" transcript="${GAME}" dictionary="${DICTIONARY}"
       feature="4096"></othello-player>`,
  );
  await expect(page.getByRole('alert')).toHaveText(`There is no feature 4096 in ${DICTIONARY}.`);
  await expect(page.getByRole('region', { name: 'Next moves' })).toBeVisible();
  await expect(page.locator('othello-player .course-bars')).toHaveCount(0);
});

test('an element says in words that its bundle cannot be had, and the rest of the page lives on', async ({
  post,
  host,
}) => {
  const page = await post(
    `<othello-player live bundle="/nowhere/" transcript="${GAME}"></othello-player>
     <othello-board transcript="${GAME}"></othello-board>`,
  );
  await expect(page.locator('othello-player').getByRole('alert')).toContainText(
    `${host.origin}/nowhere/manifest.json`,
  );
  await expect(page.locator('othello-player').getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(page.locator('main > othello-board').getByRole('img')).toBeVisible();
});

test('a feature is drawn with its numbers from the files alone', async ({ post, host }) => {
  const page = await post(
    `<othello-feature bundle="/models/small/" dictionary="${DICTIONARY}" feature="525"></othello-feature>`,
  );
  const feature = page.locator('othello-feature');
  await expect(feature).toContainText('Feature 525');
  await expect(feature).toContainText(/active at [\d.]+ % of positions/);
  await expect(feature).toContainText(/legal a8 AUROC 0\.\d{3}/);
  const loaded = host.requests.map(({ path }) => path);
  expect(loaded.filter((path) => /wasm|worker|pkg\/index|model-|dictionary-/.test(path))).toEqual([]);
});

test('the still picture of a feature takes at most 60 kB in all', async ({ page, host }) => {
  publish(
    host,
    `<othello-feature bundle="/models/small/" dictionary="${DICTIONARY}" feature="525"></othello-feature>`,
  );
  const { bytes, files } = await embedBytes(page, `${host.origin}/post.html`, async () => {
    await expect(page.locator('othello-feature')).toContainText('AUROC');
  });
  expect(bytes, JSON.stringify([...files])).toBeLessThanOrEqual(61_440);
  // The script, the manifest and a part of the cards.
  expect(files.size).toBe(3);
});

test('what an element holds is shown as long as there is nothing better', async ({ post, host }) => {
  host.fail(/manifest\.json$/, { status: 404 });
  const page = await post(
    `<othello-feature bundle="/models/small/" dictionary="${DICTIONARY}" feature="525">
       <p>Feature 525: own c4, AUROC 0.91</p>
     </othello-feature>`,
  );
  await expect(page.getByText('Feature 525: own c4, AUROC 0.91')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(
    'manifest.json could not be had: the server answered 404',
  );
});

for (const [what, attributes, message] of [
  ['a dictionary', `dictionary="<img src=x>" feature="1"`, 'has no dictionary “<img src=x>”'],
  ['a feature', `dictionary="${DICTIONARY}" feature="4096"`, 'There is no feature 4096'],
] as const) {
  test(`an element names ${what} that there is not, and shows no other`, async ({ post }) => {
    const page = await post(`<othello-feature bundle="/models/small/" ${attributes}></othello-feature>`);
    await expect(page.getByRole('alert')).toContainText(message);
    await expect(page.locator('othello-feature')).not.toContainText('AUROC');
    await expect(page.locator('othello-feature img')).toHaveCount(0);
  });
}

test('an element says that the host of its bundle lets no other origin read it', async ({
  post,
  elsewhere,
}) => {
  elsewhere.fail(/./, { noCors: true });
  const page = await post(
    `<othello-feature bundle="${elsewhere.origin}/models/small/" dictionary="${DICTIONARY}" feature="525"></othello-feature>`,
  );
  await expect(page.getByRole('alert')).toContainText('CORS');
});

test('an element says that the host of its bundle is down', async ({ post, elsewhere }) => {
  const { origin } = elsewhere;
  await elsewhere.close();
  const page = await post(
    `<othello-feature bundle="${origin}/models/small/" dictionary="${DICTIONARY}" feature="525"></othello-feature>`,
  );
  await expect(page.getByRole('alert')).toContainText(
    `Is ${origin}/models/small/manifest.json the address of a bundle?`,
  );
});

test('a name with HTML stays text', async ({ post, host }) => {
  host.fail(/manifest\.json$/, {
    body: (file) => Buffer.from(file.toString().replaceAll('"standard"', '"<b>standard</b>"')),
  });
  const page = await post(
    `<othello-feature bundle="/models/small/" dictionary="${DICTIONARY}" feature="525"></othello-feature>`,
  );
  await expect(page.locator('othello-feature')).toContainText('<b>standard</b>');
});

test('two versions on one page leave the elements to the first, which work, and say so', async ({
  page,
  host,
}) => {
  // An older version of the package, which is this one in all but its number.
  const script = readFileSync(path.resolve(import.meta.dirname, '../../pkg/dist/elements.js'), 'utf8');
  const { version } = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../pkg/package.json'), 'utf8'),
  ) as { version: string };
  expect(script).toContain(`\`${version}\``);
  host.fail(/^\/pkg\/older\.js$/, {
    body: Buffer.from(script.replaceAll(`\`${version}\``, '`0.0.9`')),
  });
  const warnings: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  const thrown: Error[] = [];
  page.on('pageerror', (error) => thrown.push(error));
  host.fail(/^\/post\.html$/, {
    body: Buffer.from(`<!doctype html><title>Two</title><script type="module" src="/pkg/older.js"></script>
      <script type="module" src="/pkg/elements.js"></script>
      <othello-player bundle="/models/small/" device="cpu" transcript="${GAME}"></othello-player>`),
  });
  await page.goto(`${host.origin}/post.html`);
  await expect
    .poll(() => warnings.filter((text) => text.startsWith('<othello-player>')))
    .toEqual([
      expect.stringMatching(/^<othello-player> is defined by othello-lens 0\.0\.9 on this page already/),
    ]);
  await page.getByRole('button', { name: 'Run it here' }).click();
  await expect(page.getByRole('slider', { name: 'Ply' })).toBeVisible();
  expect(thrown).toEqual([]);
});
