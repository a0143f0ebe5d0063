import type { Page } from '@playwright/test';

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
