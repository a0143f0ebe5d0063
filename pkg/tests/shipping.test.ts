import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const pkg = path.resolve(import.meta.dirname, '..');
const inside = (folder: string) =>
  readdirSync(path.join(pkg, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

it('carries no path of the machine that built it', () => {
  const files = inside('dist');
  expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(4);
  const { CARGO_HOME = path.join(homedir(), '.cargo') } = process.env;
  for (const file of files) {
    const bytes = readFileSync(file);
    for (const folder of [path.dirname(pkg), CARGO_HOME, path.join(homedir(), '.rustup')])
      expect(bytes.includes(folder), `${file}: ${folder}`).toBe(false);
  }
});

it('brings its licences, and those of what is compiled into it', () => {
  const { files } = JSON.parse(readFileSync(path.join(pkg, 'package.json'), 'utf8')) as { files: string[] };
  expect(files).toEqual(expect.arrayContaining(['LICENSE-*', 'THIRD-PARTY-NOTICES.txt']));
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) expect(existsSync(path.join(pkg, name))).toBe(true);
  const notices = readFileSync(path.join(pkg, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of ['serde', 'wasm-bindgen', 'wgpu', 'The Rust standard library'])
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+.*\\n  .*\\[\\d+\\]`, 'm'));
  expect(notices).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
  expect(notices).not.toContain(path.dirname(pkg));
});
