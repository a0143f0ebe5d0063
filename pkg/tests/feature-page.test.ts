import { afterEach, describe, expect, it, vi } from 'vitest';

import { numbersAsCsv, numbersAsJson } from '../src/elements/feature-page/export.js';
import { Notes } from '../src/elements/feature-page/note.js';
import { differences, type FeatureNumbers, tells } from '../src/elements/feature-page/numbers.js';

const LABEL = { name: 'own c4', title: 'The player to move has a disc on c4.', square: 26 };
const PLACE = { bundle: 'small', dictionary: 'sae', feature: 42 };

const NUMBERS: FeatureNumbers = {
  corpus: { games: 1000, seed: 0, firstPly: 5, lastPly: 55, positions: 50969 },
  threshold: 0,
  density: 0.4,
  max: 12.5,
  best: { ...LABEL, auroc: 0.908, set: 'board', interval: [0.901, 0.914], positions: 50969 },
  f1: { ...LABEL, threshold: 0.1, f1: 0.83, base: 0.53 },
  sets: [{ set: 'board', labels: [{ ...LABEL, auroc: 0.908 }] }],
  maps: null,
  histogram: null,
  roc: null,
  curve: null,
  groups: [],
  correlated: null,
};

describe('whether a feature tells a label', () => {
  it('is so from an AUROC of 0.6 on', () => {
    const at = (auroc: number) => tells({ best: NUMBERS.best && { ...NUMBERS.best, auroc } });
    expect([at(0.57), at(0.6), at(0.9)]).toEqual([false, true, true]);
    expect(tells({ best: null })).toBe(false);
  });
});

describe('the difference to what was measured here', () => {
  it('is of the numbers that both have', () => {
    const here: FeatureNumbers = {
      ...NUMBERS,
      density: 0.38,
      max: 12,
      f1: { ...LABEL, threshold: 0, f1: 0.81, base: 0.5 },
      sets: [
        {
          set: 'board',
          labels: [
            { ...LABEL, name: 'own d5', auroc: 0.95 },
            { ...LABEL, auroc: 0.9 },
          ],
        },
      ],
    };
    expect(differences(NUMBERS, here)).toEqual([
      { name: 'density', bundle: 0.4, here: 0.38 },
      { name: 'maximum', bundle: 12.5, here: 12 },
      { name: 'AUROC of own c4', bundle: 0.908, here: 0.9 },
    ]);
  });

  it('holds F1 against F1 at the same threshold alone', () => {
    const names = differences(NUMBERS, NUMBERS).map(({ name }) => name);
    expect(names).toContain('F1 of own c4');
  });
});

describe('what is saved', () => {
  it('as CSV has a line a number, and quotes names that have to be', () => {
    const sets = [{ set: 'board', labels: [{ ...LABEL, name: 'a "b", c', auroc: 0.5 }] }];
    expect(numbersAsCsv({ ...NUMBERS, sets }).split('\r\n')).toEqual([
      'number,of,value,low,high',
      'density,,0.4,,',
      'max,,12.5,,',
      'auroc of the best,own c4,0.908,0.901,0.914',
      'f1,own c4,0.83,,',
      'f1 of always,own c4,0.53,,',
      'auroc,"a ""b"", c",0.5,,',
      '',
    ]);
  });

  it('as JSON names boards by game and ply, and has null where nothing was measured', () => {
    const position = {
      ply: 12,
      move: 26,
      flipped: [],
      skipped: false,
      board: new Uint8Array(64),
      toMove: 'black' as const,
      legal: [],
      score: { black: 0, white: 0 },
    };
    const map = new Float32Array(64).fill(Number.NaN);
    const json = JSON.parse(
      numbersAsJson(
        { ...PLACE, note: 'mine' },
        {
          ...NUMBERS,
          maps: { own: map, opponent: map, empty: map, legal: map },
          groups: [{ name: 'strongest', boards: [{ seed: 7, activation: 3.5, position }] }],
        },
      ),
    );
    expect(json).toMatchObject({ ...PLACE, note: 'mine', best: { name: 'own c4' } });
    expect(json.boards).toEqual([{ group: 'strongest', boards: [{ seed: 7, ply: 12, activation: 3.5 }] }]);
    expect(json.maps.own).toEqual(Array(64).fill(null));
  });
});

describe('notes', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are none where the browser keeps nothing', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(new Notes().read(PLACE)).toBeNull();
  });

  it('are kept by bundle, dictionary and feature, and forgotten when they are emptied', () => {
    vi.stubGlobal('localStorage', storage({ 'of somebody else': 'x', 'othello-lens note [1]': 'torn' }));
    const notes = new Notes();
    notes.write(PLACE, 'the best on c4');
    notes.write({ ...PLACE, feature: 43 }, 'dead');
    expect(notes.read(PLACE)).toBe('the best on c4');
    expect(notes.read({ ...PLACE, bundle: 'full' })).toBe('');
    expect(notes.all()).toEqual([
      { ...PLACE, text: 'the best on c4' },
      { ...PLACE, feature: 43, text: 'dead' },
    ]);
    notes.write(PLACE, '');
    expect(notes.all()).toHaveLength(1);
  });
});

/** As much of a browser's storage as notes need. */
function storage(begun: Record<string, string>) {
  const items = new Map(Object.entries(begun));
  return {
    get length() {
      return items.size;
    },
    key: (at: number) => [...items.keys()][at] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  };
}
