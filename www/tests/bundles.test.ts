import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { addressOf, BUNDLES, bundleOf } from '../src/state/bundles.js';

describe('the bundles', () => {
  it('lie beside the page', () => {
    for (const bundle of BUNDLES) {
      const manifest = path.join(import.meta.dirname, '../..', bundle.path, 'manifest.json');
      expect(existsSync(manifest), manifest).toBe(true);
    }
  });

  it('are found by the names in the addresses that lead to them', () => {
    for (const bundle of BUNDLES) expect(bundleOf(addressOf(bundle, '?ply=3'))).toBe(bundle);
  });

  it('are the first one where the name makes no sense', () => {
    for (const search of ['', '?model=', '?model=../x', '?model=https://example.org/']) {
      expect(bundleOf(search)).toBe(BUNDLES[0]);
    }
  });

  it('share the game but not the features', () => {
    const address = addressOf(
      BUNDLES[1] as (typeof BUNDLES)[0],
      '?transcript=f5d6&ply=1&sae=x&feature=7&model=small',
    );
    expect(address).toBe('?transcript=f5d6&ply=1&model=control');
  });
});
