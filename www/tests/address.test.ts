import { describe, expect, it } from 'vitest';

import { type Address, readAddress, writeAddress } from '../src/state/address.js';

const ADDRESS: Address = {
  transcript: 'f5d6c3',
  ply: 2,
  sae: 'blocks.5.hook_resid_post-tied',
  feature: 722,
  threshold: 0.5,
  device: 'cpu',
};

describe('the address', () => {
  it('reads back what it wrote', () => {
    expect(readAddress(writeAddress(ADDRESS, ''))).toEqual(ADDRESS);
  });

  it('is empty where all is as at the start', () => {
    const start = readAddress('');
    expect(writeAddress(start, '')).toBe('');
  });

  it('leaves keys of others alone', () => {
    expect(writeAddress(ADDRESS, '?theme=blue')).toContain('theme=blue');
  });

  it('takes ply 0 and feature 0 for what they are', () => {
    const written = writeAddress({ ...ADDRESS, ply: 0, feature: 0 }, '');
    expect(readAddress(written)).toMatchObject({ ply: 0, feature: 0 });
  });

  it('passes over what makes no sense', () => {
    expect(readAddress('?ply=-1&feature=x&device=tpu&threshold=400')).toEqual({
      transcript: '',
      ply: null,
      sae: null,
      feature: null,
      threshold: 0.9,
      device: 'auto',
    });
  });
});
