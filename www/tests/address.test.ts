import { describe, expect, it } from 'vitest';

import { type Address, readAddress, writeAddress } from '../src/state/address.js';

const ADDRESS: Address = {
  view: 'play',
  model: 'full',
  transcript: 'f5d6c3',
  ply: 2,
  dictionary: 'blocks.5.hook_resid_post-tied',
  feature: 722,
  label: 'own c4',
  table: 'features',
  figure: 'seeds',
  threshold: 0.5,
  device: 'cpu',
  faults: [],
};

function at(href: string): URL {
  return new URL(href, 'https://example.org/some/where/');
}

/** What is read of an address that `address` was written over. */
function again(address: Address, href = ''): Address {
  return readAddress(at(writeAddress(address, at(href))));
}

describe('the address', () => {
  it('reads back what it wrote', () => {
    expect(again(ADDRESS)).toEqual(ADDRESS);
  });

  it('is empty where all is as at the start', () => {
    expect(writeAddress(readAddress(at('')), at(''))).toBe('/some/where/');
  });

  it('leaves keys of others alone', () => {
    expect(writeAddress(ADDRESS, at('?theme=blue'))).toContain('theme=blue');
  });

  it('takes ply 0 and feature 0 for what they are', () => {
    expect(again({ ...ADDRESS, ply: 0, feature: 0 })).toMatchObject({ ply: 0, feature: 0 });
  });

  it('tells an empty board from a game that the page is to choose', () => {
    expect(again({ ...ADDRESS, transcript: '' }).transcript).toBe('');
    expect(again({ ...ADDRESS, transcript: null }).transcript).toBeNull();
  });

  it('names what makes no sense, and reads it as if it were not there', () => {
    expect(readAddress(at('?ply=-1&feature=x&device=tpu&threshold=400&table=chairs'))).toEqual({
      view: 'play',
      model: null,
      transcript: null,
      ply: null,
      dictionary: null,
      feature: null,
      label: null,
      table: null,
      figure: null,
      threshold: 0.9,
      device: 'auto',
      faults: ['the table “chairs”', 'the device “tpu”', 'the feature “x”', 'the ply “-1”'],
    });
  });

  it('says the view by its last segment, below any path', () => {
    for (const [href, view] of [
      ['', 'play'],
      ['index.html', 'play'],
      ['features.html?label=own+c4', 'features'],
      ['figures', 'figures'],
      ['guide.html', 'guide'],
      ['elsewhere.html', 'play'],
    ] as const)
      expect(readAddress(at(href)).view, href).toBe(view);
  });

  it('leads to the views that lie beside the page', () => {
    const here = { ...readAddress(at('')), label: 'own c4' };
    const href = writeAddress({ ...here, view: 'features' }, at('index.html'));
    expect(href).toBe('/some/where/features.html?label=own+c4');
    expect(writeAddress({ ...here, label: null, view: 'play' }, at('guide.html'))).toBe('/some/where/');
    expect(writeAddress({ ...here, label: null }, at('index.html'))).toBe('/some/where/index.html');
  });
});
