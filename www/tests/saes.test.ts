import type { SaeInfo } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { groups, idWithinPlace, kind, labelName, labelOfNumber, place } from '../src/text/saes.js';

function sae(id: string, layer: number, recipe: string, site: SaeInfo['site'] = 'resid_post'): SaeInfo {
  return {
    id,
    title: id,
    site,
    layer,
    architecture: 'standard',
    recipe,
    tied: false,
    features: 8,
    metrics: {},
    bytes: 1,
    cards: null,
  };
}

describe('an SAE in words', () => {
  it('are told apart within their group by what the group does not say', () => {
    const at = { site: 'resid_post', layer: 5 } as const;
    expect(idWithinPlace({ ...at, id: 'blocks.5.hook_resid_post-top_k-32' })).toBe('top_k-32');
    expect(idWithinPlace({ ...at, id: 'blocks.1.hook_resid_post-top_k-32' })).toBe(
      'blocks.1.hook_resid_post-top_k-32',
    );
    expect(idWithinPlace({ ...at, id: 'mine' })).toBe('mine');
  });

  it('is what it reads, by layers from 0, and what it was made by', () => {
    expect(place(sae('a', 5, 'standard'))).toBe('residual stream after layer 5');
    expect(place(sae('a', 0, 'standard', 'mlp_out'))).toBe('MLP’s output in layer 0');
    expect(kind(sae('a', 0, 'p_anneal'))).toBe('p anneal, untied');
    expect(kind(sae('a', 0, 'batch_top_k'))).toBe('batch topk, untied');
  });
});

describe('many SAEs', () => {
  it('are grouped by what they read, in the order of the layers, recipes side by side', () => {
    const all = [
      sae('a', 2, 'standard'),
      sae('b', 0, 'gated'),
      sae('c', 2, 'gated'),
      sae('d', 2, 'standard'),
      sae('e', 2, 'standard', 'mlp_out'),
    ];
    expect(groups(all).map(({ name, saes }) => [name, saes.map(({ id }) => id).join('')])).toEqual([
      ['residual stream after layer 0', 'b'],
      ['residual stream after layer 2', 'adc'],
      ['MLP’s output in layer 2', 'e'],
    ]);
  });

  it('are none where there are none', () => {
    expect(groups([])).toEqual([]);
  });
});

describe('a label', () => {
  it('is a plane and a square', () => {
    expect(labelName({ plane: 'own', square: 19 })).toBe('own d3');
    expect([0, 64 + 9, 128 + 63, 192 + 37].map(labelOfNumber)).toEqual([
      'own a1',
      'enemy b2',
      'empty h8',
      'legal f5',
    ]);
  });
});
