import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const pkg = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(pkg, file), 'utf8');

interface Described {
  name: string;
  tagName?: string;
  description?: string;
  attributes?: { name: string; description?: string }[];
  events?: { name: string; description?: string }[];
  slots?: unknown[];
  cssParts?: { name: string; description?: string }[];
  cssProperties?: { name: string; description?: string }[];
}

const { modules } = JSON.parse(read('dist/custom-elements.json')) as {
  modules: { path: string; declarations: Described[] }[];
};
const elements = modules.flatMap(({ declarations }) => declarations);
/** What elements are made of, and no element that a page may use. */
const PARTS = ['still', 'feature-page'];
const folders = readdirSync(path.join(pkg, 'src/elements'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !PARTS.includes(entry.name))
  .map(({ name }) => name);

describe('custom-elements.json', () => {
  it('has an element for each folder, which is named as its tag and its class are', () => {
    expect(elements.map(({ tagName }) => tagName).sort()).toEqual(
      folders.map((name) => `othello-${name}`).sort(),
    );
    for (const { name, tagName } of elements)
      expect(`Othello${tagName?.slice('othello-'.length)}`.toLowerCase()).toBe(name.toLowerCase());
  });

  it.each(elements.map((element) => [element.tagName, element] as const))(
    'says of %s what all is',
    (_, element) => {
      const { description, attributes = [], events = [], cssParts = [], cssProperties = [] } = element;
      expect(description).toContain('<othello-');
      for (const list of [attributes, events, cssParts, cssProperties]) {
        expect(list.length).toBeGreaterThan(0);
        for (const item of list) expect(item.description, item.name).toMatch(/\w/);
      }
      for (const { name } of events) expect(name).toMatch(/^othello-/);
    },
  );

  it('names modules that ship', () => {
    for (const { path } of modules) expect(read(path)).not.toBe('');
  });
});

it('may be imported on a server, where there are no elements', () => {
  const script = `const elements = await import('othello-lens/elements'); console.log(Object.keys(elements).join());`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: pkg,
    encoding: 'utf8',
  });
  expect(said).toContain('OthelloFeature');
});

it('brings the engine and its parts only when they are needed', () => {
  const statically = (code: string) =>
    [...code.matchAll(/(?:^|[;}])(?:import|export)\s*(?:[^("';]*from)?\s*["']([^"']+)["']/gm)].map(
      ([, from]) => from ?? '',
    );
  expect(statically('import{a as b}from"./c.js";import"./d.js"')).toEqual(['./c.js', './d.js']);
  /** All that comes with a file of `dist`, before anything is asked for. */
  const coming = (file: string): string[] => {
    const from = statically(read(path.join('dist', file)));
    const inside = from
      .filter((name) => name.startsWith('.'))
      .map((name) => path.join(path.dirname(file), name));
    return [...from.filter((name) => !name.startsWith('.')), ...inside, ...inside.flatMap(coming)];
  };
  expect(coming('elements.js')).toEqual([]);
  for (const name of coming('elements/index.js')) {
    // Neither the engine, nor what is drawn with it, nor the library of plots.
    expect(name).not.toMatch(/(^|\/)(index|feature-page|parts|plot)\b/);
    expect(name).toMatch(/^(lit(\/|$)|elements\/)/);
  }
});
