import type { DictionaryInfo, Tap } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { groups, idWithinPlace, kind, titleAmong, variant } from '../src/text/dictionaries.js';

function dictionary(
  id: string,
  layer: number,
  recipe: string,
  place = 'residual stream after',
): DictionaryInfo {
  const tap: Tap = { name: `blocks.${layer}.hook_resid_post`, site: 'resid_post', layer };
  return {
    id,
    title: id,
    reads: [tap],
    writes: [tap],
    place: `${place} layer ${layer}`,
    architecture: 'standard',
    formula: 'f = x',
    letters: 'x: the activation.',
    recipe,
    tied: false,
    features: 8,
    strength: null,
    seed: null,
    metrics: {},
    bytes: 1,
    cards: null,
  };
}

describe('a dictionary in words', () => {
  it('is told apart within its group by what the group does not say', () => {
    const { reads } = dictionary('a', 5, 'top_k');
    expect(idWithinPlace({ reads, id: 'blocks.5.hook_resid_post-top_k-32' })).toBe('top_k-32');
    const other = 'blocks.1.hook_resid_post-top_k-32';
    expect(idWithinPlace({ reads, id: other })).toBe(other);
    expect(idWithinPlace({ reads, id: 'mine' })).toBe('mine');
  });

  it('has what its maker says of its sparsity and seed', () => {
    const topK = dictionary('a', 5, 'batch_top_k');
    expect(variant({ ...topK, strength: 32, seed: 0 })).toBe(', k 32, seed 0');
    const standard = dictionary('a', 5, 'standard');
    expect(variant({ ...standard, strength: 0.0729999989, seed: null })).toBe(', α 0.073');
    expect(variant(standard)).toBe('');
  });

  it('is what it was made by', () => {
    expect(kind(dictionary('a', 0, 'p_anneal'))).toBe('p anneal, untied');
    expect(kind({ recipe: 'batch_top_k', tied: true })).toBe('batch top k, tied');
  });
});

describe('the title of a dictionary in a list', () => {
  const made = (recipe: string, strength: number, seed: number): DictionaryInfo => ({
    ...dictionary(`${recipe}-${strength}-${seed}`, 5, recipe),
    strength,
    seed,
  });

  it('is its kind where no other is of the same', () => {
    const one = made('batch_top_k', 32, 0);
    const other = made('gated', 0.1, 0);
    expect(titleAmong(one, [one, other])).toEqual({ title: 'batch top k, untied', rest: 'k 32, seed 0' });
  });

  it('is what differs where others are', () => {
    const all = [made('standard', 0.25, 0), made('standard', 0.25, 1), made('standard', 0.36, 0)];
    expect(all.map((each) => titleAmong(each, all).title)).toEqual([
      'α 0.25, seed 0',
      'α 0.25, seed 1',
      'α 0.36, seed 0',
    ]);
    const seeds = all.slice(0, 2);
    expect(seeds.map((each) => titleAmong(each, seeds))).toEqual([
      { title: 'seed 0', rest: 'standard, untied, α 0.25' },
      { title: 'seed 1', rest: 'standard, untied, α 0.25' },
    ]);
  });

  it('has the id of one of which nothing else is known', () => {
    const all = [dictionary('mine', 5, 'standard'), dictionary('again', 5, 'standard')];
    expect(all.map((each) => titleAmong(each, all))).toEqual([
      { title: 'standard, untied', rest: 'mine' },
      { title: 'standard, untied', rest: 'again' },
    ]);
  });
});

describe('many dictionaries', () => {
  it('are grouped by what they read, in the order of the layers, recipes side by side', () => {
    const all = [
      dictionary('a', 2, 'standard'),
      dictionary('b', 0, 'gated'),
      dictionary('c', 2, 'gated'),
      dictionary('d', 2, 'standard'),
      dictionary('e', 2, 'standard', 'MLP’s output in'),
    ];
    const ids = (group: readonly DictionaryInfo[]) => group.map(({ id }) => id).join('');
    expect(groups(all).map(({ place, dictionaries }) => [place, ids(dictionaries)])).toEqual([
      ['residual stream after layer 0', 'b'],
      ['residual stream after layer 2', 'adc'],
      ['MLP’s output in layer 2', 'e'],
    ]);
  });

  it('are none where there are none', () => {
    expect(groups([])).toEqual([]);
  });
});
