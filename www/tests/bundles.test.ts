import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { BUNDLES, bundleAt, bundleOf, nameInAddress } from '../src/state/bundles.js';

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
    for (const name of ['', '../x', 'javascript:alert(1)', 'https://']) expect(bundleOf(name)).toBeNull();
  });

  it('may lie anywhere in the web, and are then called by their address', () => {
    const address = 'https://example.org/models/mine/';
    const bundle = bundleAt(address);
    expect(bundle).toMatchObject({ path: address, title: 'example.org' });
    // One and the same, whoever asks: another would be loaded anew.
    expect(bundleOf(nameInAddress(bundle ?? BUNDLES[0]))).toBe(bundle);
  });
});
