import { expect, test } from './player-page.js';

test('a transcript is read with capitals, spaces, move numbers and line breaks', async ({ player }) => {
  await player.open();
  await player.playable();
  await player.transcript.fill('1. F5 d6\n2. C3 d3\n3. c4');
  await player.button('Read transcript').click();
  await expect(player.moves).toHaveCount(5);
  await player.expectMoves(['f5', 'd6', 'c3', 'd3', 'c4']);
  await player.analysed();
});

test('a pasted transcript is read at once', async ({ player, page }) => {
  await player.open();
  await player.playable();
  await player.transcript.evaluate((box) => {
    const data = new DataTransfer();
    data.setData('text', 'f5d6c3');
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(player.moves).toHaveCount(3);
  await expect(page).toHaveURL(/transcript=f5d6c3/);
});

test('text that is no move is named, the game and the text stay', async ({ player }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await player.transcript.fill('f5 d6 c3 hello');
  await player.button('Read transcript').click();
  const alert = player.alert('Not read');
  await expect(alert).toContainText('4');
  await expect(alert).toContainText('hello');
  await expect(player.transcript).toHaveValue('f5 d6 c3 hello');
  await expect(player.moves).toHaveCount(2);
});

test('an illegal move is named, and the moves before it can be opened', async ({ player }) => {
  await player.open();
  await player.playable();
  await player.transcript.fill('f5 d6 c3 a1 d3');
  await player.button('Read transcript').click();
  const alert = player.alert('Not read');
  await expect(alert).toContainText('a1');
  await expect(alert).toContainText('4');
  await expect(player.moves).toHaveCount(0);
  await player.button('Open the 3 moves before it').click();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await expect(alert).toHaveCount(0);
});

test('a faulty transcript in the address is told of at the top, and the board is playable', async ({
  player,
}) => {
  await player.open('transcript=f5d6zz');
  await expect(player.alert('address could not be read')).toContainText('zz');
  await player.play('d3');
  await expect(player.alert('address could not be read')).toHaveCount(0);
});

for (const [title, moves] of [
  ['The shortest wipe-out', 9],
  ['The Tiger opening', 15],
  ['A random game with skipped turns', 60],
] as const) {
  test(`the built-in game opens: ${title}`, async ({ player }) => {
    await player.open();
    await player.playable();
    await player.button(new RegExp(`^${title}.`)).click();
    await expect(player.moves).toHaveCount(moves);
    await expect(player.alert('Not read')).toHaveCount(0);
    await player.analysed();
  });
}

test('a wipe-out ends the game', async ({ player }) => {
  await player.open('transcript=e6f4e3f6g5d6e7f5c5');
  await expect(player.moves).toHaveCount(9);
  // A finished game opens at its end.
  await player.expectPly(9);
  await expect(player.status).toContainText('Game over: Black wins');
  await expect(player.status).toContainText(/Black\s*13/);
});

test('a seed gives the same random game again', async ({ player, page }) => {
  await player.open();
  await player.playable();
  const seed = page.getByRole('spinbutton', { name: 'seed' });
  const games: string[][] = [];
  for (const value of ['7', '8', '7']) {
    await seed.fill(value);
    await player.button('Random game').click();
    await expect(seed).toHaveValue(String(Number(value) + 1));
    // Never the same as the one before: the seeds alternate.
    await expect.poll(() => player.movesPlayed()).not.toEqual(games.at(-1) ?? []);
    games.push(await player.movesPlayed());
  }
  expect(games[0]?.length).toBeGreaterThan(40);
  expect(games[2]).toEqual(games[0]);
  expect(games[1]).not.toEqual(games[0]);
});
