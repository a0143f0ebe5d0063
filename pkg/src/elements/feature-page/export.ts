import type { Place } from './note.js';
import type { FeatureNumbers } from './numbers.js';

/** Hands `text` to the reader as a file. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** All numbers of a feature, with what they are of. Positions are named by game and ply, not drawn. */
export function numbersAsJson(place: Place & { note: string }, numbers: FeatureNumbers): string {
  const { groups, ...rest } = numbers;
  const boards = groups.map(({ name, boards }) => ({
    group: name,
    boards: boards.map(({ seed, activation, position }) => ({ seed, ply: position.ply, activation })),
  }));
  // JSON has no NaN: what was not measured is null.
  const plain = (_: string, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  return JSON.stringify({ ...place, ...rest, boards }, plain, 2);
}

/** The scores of a feature, a line each: what is scored, on which label, the value. */
export function numbersAsCsv(numbers: FeatureNumbers): string {
  const { density, max, best, f1, sets, maps } = numbers;
  const lines: (readonly (string | number)[])[] = [
    ['number', 'of', 'value', 'low', 'high'],
    ['density', '', density, '', ''],
    ['max', '', max, '', ''],
  ];
  if (best) lines.push(['auroc of the best', best.name, best.auroc, ...(best.interval ?? ['', ''])]);
  if (f1) lines.push(['f1', f1.name, f1.f1, '', ''], ['f1 of always', f1.name, f1.base, '', '']);
  for (const { labels } of sets)
    for (const { name, auroc } of labels) lines.push(['auroc', name, auroc, '', '']);
  for (const [name, map] of Object.entries(maps ?? {})) {
    map.forEach((auroc, square) => {
      const where = `${name} ${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`;
      if (!Number.isNaN(auroc)) lines.push(['auroc by square', where, auroc, '', '']);
    });
  }
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
