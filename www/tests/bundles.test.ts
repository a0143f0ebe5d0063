import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { BUNDLES, bundleOf, nameInAddress } from '../src/state/bundles.js';

describe('the bundles', () => {
  it('lie beside the page', () => {
    for (const bundle of BUNDLES) {
      const manifest = path.join(import.meta.dirname, '../..', bundle.path, 'manifest.json');
      expect(existsSync(manifest), manifest).toBe(true);
    }
  });

  it('are found by the names that addresses give them', () => {
    for (const bundle of BUNDLES) expect(bundleOf(nameInAddress(bundle))).toBe(bundle);
    expect(bundleOf(BUNDLES[0].name)).toBe(BUNDLES[0]);
  });

  it('are none where the name is of none', () => {
    for (const name of ['', '../x', 'https://example.org/']) expect(bundleOf(name)).toBeNull();
  });
});
