import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The middle value, or the mean of the two middle ones. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Adds a line to the workspace's record, and prints it. */
export async function record({ name, value, unit, peer = null, n = 1 }) {
  const folder = path.join(root, 'target');
  await mkdir(folder, { recursive: true });
  await appendFile(path.join(folder, 'figures.jsonl'), `${JSON.stringify({ name, value, unit, peer, n })}\n`);
  const digits = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  console.log(`${name.padEnd(26)} ${digits} ${unit}`);
}

/** Records how many times faster ours is: the median over pairs measured next to each other. */
export async function recordRatio(name, pairs, peer, unit = 'times faster') {
  const ratio = median(pairs.map(({ ours, theirs }) => theirs / ours));
  await record({ name, value: ratio, unit, peer, n: pairs.length });
  const [ours, theirs] = ['ours', 'theirs'].map((side) => median(pairs.map((pair) => pair[side])).toFixed(2));
  console.log(`${''.padEnd(26)} ${ours} ms against ${theirs} ms`);
}
