import type { DictionaryInfo, Label } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { completions, distance, readQuestion, statementOf } from '../src/ask/question.js';
import { squareName } from '../src/text/squares.js';

const onSquares = (statement: string): Label[] =>
  Array.from({ length: 64 }, (_, square) => {
    const name = `${statement} ${squareName(square)}`;
    return { name, title: `${name}.`, square };
  });
const onPositions = (name: string): Label => ({ name, title: `${name}.`, square: null });

const SETS = [
  { name: 'board', labels: ['own', 'opponent', 'empty', 'legal'].flatMap(onSquares) },
  {
    name: 'ontology',
    labels: [
      ...['played', 'flipped by the last move', 'was own', 'was empty', 'flipped once'].flatMap(onSquares),
      ...['black to move', 'opening'].map(onPositions),
    ],
  },
];

const dictionary = (layer: number, features: number) =>
  ({
    id: `d${layer}`,
    features,
    reads: [{ name: '', site: 'resid_post', layer }],
  }) as unknown as DictionaryInfo;
const ASKABLE = { sets: SETS, dictionaries: [dictionary(0, 64), dictionary(5, 1024)] };

const ask = (text: string) => readQuestion(text, ASKABLE);
const labelOf = (text: string) => {
  const question = ask(text);
  return question.kind === 'label' ? `${question.set}: ${question.label.name}` : question;
};

describe('a question', () => {
  it.each([
    ['own c4', 'board: own c4'],
    ['  Own   C4 ', 'board: own c4'],
    ['mine c4', 'board: own c4'],
    ['c4 mine?', 'board: own c4'],
    ['enemy h8', 'board: opponent h8'],
    ['blank a1', 'board: empty a1'],
    ['legal f5', 'board: legal f5'],
    ['flipped d3', 'ontology: flipped by the last move d3'],
    ['flipped by d3', 'ontology: flipped by the last move d3'],
    ['was own d3', 'ontology: was own d3'],
    ['just played d3', 'ontology: played d3'],
    ['black to move', 'ontology: black to move'],
    ['black', 'ontology: black to move'],
  ])('%s asks for a label', (text, label) => {
    expect(labelOf(text)).toBe(label);
  });

  it('asks for a feature of the dictionary in view, or of a layer', () => {
    expect(ask('#42')).toEqual({ kind: 'feature', feature: 42, layer: null });
    expect(ask('feature 42')).toEqual({ kind: 'feature', feature: 42, layer: null });
    expect(ask('layer 5 #1023')).toEqual({ kind: 'feature', feature: 1023, layer: 5 });
  });

  it('says how far features go where none has the number', () => {
    expect(ask('#5000')).toEqual({
      kind: 'unknown',
      why: 'No dictionary has a feature 5000: they end at 1023.',
      nearest: '#1023',
    });
    expect(ask('layer 0 #64')).toMatchObject({ nearest: 'layer 0 #63' });
    expect(ask('layer 3 #1')).toMatchObject({ why: 'No dictionary reads layer 3.' });
  });

  it('that may mean several labels names them', () => {
    expect(ask('was d3')).toEqual({
      kind: 'unknown',
      why: '“was d3” may be “was own d3”, “was empty d3”.',
      nearest: 'was own d3',
    });
  });

  it('that nothing answers is named, with the nearest label beside it', () => {
    expect(ask('onw c4')).toEqual({
      kind: 'unknown',
      why: 'No label and no feature is called “onw c4”.',
      nearest: 'own c4',
    });
    expect(ask('own c9')).toMatchObject({ kind: 'unknown', nearest: 'own c1' });
    expect(ask('zzzzzzzzzzzz')).toMatchObject({ kind: 'unknown', nearest: null });
    expect(ask('c4')).toMatchObject({ kind: 'unknown' });
    expect(ask(' ')).toEqual({ kind: 'unknown', why: 'Nothing was asked.', nearest: null });
  });
});

describe('completion', () => {
  const names = (text: string, limit = 8) => completions(text, SETS, limit).map(({ name }) => name);

  it('begins with names that go on from the text', () => {
    expect(names('own c', 3)).toEqual(['own c1', 'own c2', 'own c3']);
    expect(names('bla', 1)).toEqual(['black to move']);
  });

  it('finds the statements about a square, and words in the middle of a name', () => {
    expect(names('c4')).toContain('legal c4');
    expect(names('last c4')).toEqual(['flipped by the last move c4']);
    expect(names('enemy c4')).toEqual(['opponent c4']);
    expect(names('')).toEqual([]);
  });
});

describe('the statement of a label', () => {
  it('is its name without the square', () => {
    expect(statementOf({ name: 'flipped by the last move d3', square: 19 })).toBe('flipped by the last move');
    expect(statementOf({ name: 'opening', square: null })).toBe('opening');
  });
});

it('a distance counts letters to change', () => {
  expect(distance('kitten', 'sitting')).toBe(3);
  expect(distance('', 'abc')).toBe(3);
  expect(distance('own c4', 'own c4')).toBe(0);
});
