import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { VIEWS } from '../src/state/views.js';

/** What a file says of itself before any script runs. */
function head(file: string): { title: string; meta: Map<string, string> } {
  const html = readFileSync(path.join(import.meta.dirname, '..', file), 'utf8');
  const meta = [...html.matchAll(/<meta (?:name|property)="([^"]+)" content="([^"]+)"/g)];
  return {
    title: /<title>(.*)<\/title>/.exec(html)?.[1] ?? '',
    meta: new Map(meta.map(([, name = '', content = '']) => [name, content])),
  };
}

describe('the files of the views', () => {
  it('have the titles that the page gives them', () => {
    for (const { file, title } of VIEWS) expect(head(file).title, file).toBe(title);
  });

  it('describe themselves to those who link to them, each in its own words', () => {
    for (const key of ['description', 'og:title', 'og:description']) {
      const texts = VIEWS.map(({ file }) => head(file).meta.get(key));
      for (const text of texts) expect(text?.length, key).toBeGreaterThan(20);
      expect(new Set(texts).size, key).toBe(VIEWS.length);
    }
  });
});
