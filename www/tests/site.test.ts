import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compressFolder } from '../vite/compress.js';
import { programs, shell } from '../vite/service-worker.js';

let folder: string;
const write = (file: string, content: string | Buffer) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'othello-lens-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('compressed files', () => {
  const text = 'the same line, again and again\n'.repeat(200);

  it('lie beside those that they are shorter than, and hold the same', async () => {
    write('index.html', text);
    write('assets/main.js', text);
    await compressFolder(folder);
    for (const file of ['index.html', 'assets/main.js']) {
      const compressed = readFileSync(path.join(folder, `${file}.br`));
      expect(compressed.length).toBeLessThan(text.length / 10);
      expect(brotliDecompressSync(compressed).toString()).toBe(text);
    }
  });

  it('are not made of what does not get shorter, of nothing, or of themselves', async () => {
    write('weights.safetensors', randomBytes(4096));
    write('empty.txt', '');
    write('index.html', text);
    await compressFolder(folder);
    await compressFolder(folder);
    expect(readdirSync(folder).sort()).toEqual([
      'empty.txt',
      'index.html',
      'index.html.br',
      'weights.safetensors',
    ]);
  });
});

describe('the shell that is kept for offline', () => {
  it('holds the pages and their scripts, and neither models nor the program', () => {
    for (const file of [
      'index.html',
      'assets/main-0a1b2c3d.js',
      'assets/lens-0a1b2c3d.wasm',
      'models/small/manifest.json',
      'index.html.br',
      'service-worker.js',
      'THIRD-PARTY-NOTICES.txt',
    ])
      write(file, file);
    expect(shell(folder)).toEqual([
      { url: 'assets/main-0a1b2c3d.js', revision: null },
      { url: 'index.html', revision: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ]);
    expect(programs(folder)).toEqual(['assets/lens-0a1b2c3d.wasm']);
  });

  it('has another revision of a page that changed', () => {
    write('index.html', 'before');
    const [before] = shell(folder);
    write('index.html', 'after');
    expect(shell(folder)[0]?.revision).not.toBe(before?.revision);
  });
});
