import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { expect, type PlayerPage, test } from './player-page.js';

/** Random games, as the page's own rules draw them. */
async function randomGames(page: Page, count: number): Promise<string[]> {
  return page.evaluate(async (count) => {
    const { Othello } = await import(new URL('package/index.js', document.baseURI).href);
    const othello = await Othello.start();
    const games = await Promise.all(Array.from({ length: count }, (_, seed) => othello.randomGame(seed)));
    othello.dispose();
    return games.map(({ transcript }) => transcript);
  }, count);
}

function pgn(transcript: string, number: number): string {
  const moves = transcript.match(/../g) ?? [];
  const pairs = Array.from({ length: Math.ceil(moves.length / 2) }, (_, pair) => {
    return `${pair + 1}. ${moves.slice(2 * pair, 2 * pair + 2).join(' ')}`;
  });
  const tags = [
    ['Event', 'Club evening'],
    ['Round', String(number)],
    ['Black', `Ada ${number}`],
    ['White', `Bea ${number % 7}`],
  ];
  return `${tags.map(([name, value]) => `[${name} "${value}"]`).join('\n')}\n\n${pairs.join(' ')} *\n\n`;
}

/** Drops a file on the board, as from the desktop. */
async function drop(player: PlayerPage, name: string, contents: string | number[]): Promise<void> {
  const transfer = await player.page.evaluateHandle(
    ([name, contents]) => {
      const transfer = new DataTransfer();
      const part = typeof contents === 'string' ? contents : new Uint8Array(contents);
      transfer.items.add(new File([part], name));
      return transfer;
    },
    [name, contents] as const,
  );
  await player.board.dispatchEvent('dragover', { dataTransfer: transfer });
  await player.board.dispatchEvent('drop', { dataTransfer: transfer });
}

function list(player: PlayerPage): Locator {
  return player.page.locator('ol-game-list');
}

function rows(player: PlayerPage): Locator {
  return list(player).getByRole('list', { name: 'Games of the file' }).getByRole('button');
}

async function read(player: PlayerPage, text: string): Promise<void> {
  await player.transcript.fill(text);
  await player.button('Read transcript').click();
}

test('a PGN of 800 games is listed, searched, and a game of it opens', async ({ player, page }) => {
  await player.open('transcript=f5d6c3');
  await player.playable();
  const games = await randomGames(page, 800);
  const texts = games.map((game, at) => pgn(game, at + 1));
  texts[499] = pgn('f5d6a1', 500);
  await drop(player, 'club.pgn', texts.join(''));

  await expect(list(player)).toContainText('club.pgn');
  await expect(list(player)).toContainText('799 games (PGN)');
  // The game in view stays until another is chosen.
  await player.expectMoves(['f5', 'd6', 'c3']);
  await list(player).getByText('1 game could not be read').click();
  await expect(list(player)).toContainText('Game 500, line 3,494: move 3 ("a1"): Black cannot move on a1');

  await expect(rows(player)).toHaveCount(25);
  await list(player).getByRole('button', { name: 'Show 25 more' }).click();
  await expect(rows(player)).toHaveCount(50);

  const search = list(player).getByRole('searchbox');
  await search.fill('ada 731');
  await expect(rows(player)).toHaveCount(1);
  await expect(rows(player)).toContainText('731. Ada 731 – Bea 3');
  await rows(player).click();
  await expect(player.moves).toHaveCount((games[730]?.length ?? 0) / 2);
  await expect(rows(player)).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(new RegExp(`transcript=${games[730]}`));
  await expect(player.status).toContainText('Game over');

  const begin = games[9]?.slice(0, 8) ?? '';
  await search.fill(begin.replace(/../g, '$& '));
  await expect(rows(player)).toHaveCount(
    Math.min(25, games.filter((game, at) => at !== 499 && game.startsWith(begin)).length),
  );
  await search.fill('nobody');
  await expect(rows(player)).toHaveCount(0);
  await expect(list(player)).toContainText('0 of 799 games');

  await list(player).getByRole('button', { name: 'Close' }).click();
  await expect(list(player)).toHaveCount(0);
});

test('several games can be pasted, and chosen by their result', async ({ player }) => {
  await player.open();
  await player.playable();
  await read(player, 'e6f4e3f6g5d6e7f5c5\nf5d6c3d3\nf5d6c3x9\n');
  await expect(rows(player)).toHaveCount(2);
  await expect(list(player)).toContainText('1 game could not be read');
  await expect(player.alert('Not read')).toHaveCount(0);
  await list(player).getByRole('combobox', { name: 'Result' }).selectOption('Black won');
  await expect(rows(player)).toHaveCount(1);
  await rows(player).click();
  await expect(player.status).toContainText('Game over: Black wins');
});

test('numbers are no game; the readings that are one are offered', async ({ player }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await read(player, '37 43 18 19');
  await expect(player.alert('Not read')).toContainText('numbers');
  await player.expectMoves(['f5', 'd6']);
  await expect(player.button(/^Read as squares by row: f5 d6 c3 d3/)).toBeVisible();
  await player.button(/^Read as squares by letter: e6 f4 c3 c4/).click();
  await player.expectMoves(['e6', 'f4', 'c3', 'c4']);
  await expect(player.alert('Not read')).toHaveCount(0);
});

test('a mirrored game is told and offered', async ({ player }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await read(player, 'e3f5e6d7c6d3');
  await expect(player.alert('Not read')).toContainText('mirrored');
  await player.button(/^Read mirrored, with the rows counted from below/).click();
  await player.expectMoves(['e6', 'f4', 'e3', 'd2', 'c3', 'd6']);
});

test('a file of numbers is read by letter, and offered by row', async ({ player }) => {
  await player.open();
  await player.playable();
  await drop(player, 'games.json', '[[37, 43, 18, 19], [37, 43, 18]]');
  await expect(list(player)).toContainText('2 games (lists), read as squares by letter');
  await list(player).getByRole('button', { name: 'Read squares by row: 2 games' }).click();
  await expect(list(player)).toContainText('read as squares by row');
  await rows(player).first().click();
  await player.expectMoves(['f5', 'd6', 'c3', 'd3']);
});

for (const name of ['synthetic.pickle', 'board_seqs_int.npy', 'board_seqs_string.pth']) {
  test(`the rows of a notebook are listed: ${name}`, async ({ player }) => {
    await player.open('transcript=f5d6');
    await player.playable();
    const contents = await readFile(new URL(`../data/games/${name}`, import.meta.url));
    await drop(player, name, [...contents]);
    await expect(list(player)).toContainText('6 games (rows of numbers of Python), read as');
    await player.expectMoves(['f5', 'd6']);
    await rows(player).nth(1).click();
    await expect(player.moves).toHaveCount(60);
    await expect(player.page).toHaveURL(/transcript=f5d6c7f4e3d7/);
  });
}

test('a text without moves is refused, and said so', async ({ player }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await drop(player, 'letter.txt', 'Dear club,\n');
  await expect(player.alert('Not read')).toContainText('a file without moves');
  await player.expectMoves(['f5', 'd6']);
});

test('a file that is none of games is named, and the game in view stays', async ({ player, page }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await drop(player, 'page.html', '<!DOCTYPE html><html><body>f5 d6</body></html>');
  await expect(player.alert('Not read')).toContainText('HTML');
  await player.expectMoves(['f5', 'd6']);
  await expect(page).toHaveURL(/transcript=f5d6/);
  // Another file takes its place.
  await drop(player, 'one.txt', '1. f5 d6 2. c3 d3');
  await player.expectMoves(['f5', 'd6', 'c3', 'd3']);
  await expect(list(player)).toHaveCount(0);
});

test('a result that the moves contradict is told', async ({ player }) => {
  await player.open();
  await player.playable();
  await read(player, 'e6f4e3f6g5d6e7f5c5 40-24');
  await expect(player.moves).toHaveCount(9);
  await expect(player.page.getByText('its result is 40–24, and the moves come to 13–0')).toBeVisible();
});
