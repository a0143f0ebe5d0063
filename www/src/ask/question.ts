import type { DictionaryInfo, Label, Square } from 'othello-lens';

import { squareName } from '../text/squares.js';

/** A named set of labels, as far as questions need it. */
export interface LabelNames {
  name: string;
  labels: readonly Label[];
}

/** What questions can be about. */
export interface Askable {
  sets: readonly LabelNames[];
  dictionaries: readonly DictionaryInfo[];
}

/** What was asked. */
export type Question =
  /** Which feature tells a label? */
  | { kind: 'label'; set: string; label: Label }
  /** Show a feature; of all dictionaries that read a layer, or of the one in view if `layer` is null. */
  | { kind: 'feature'; feature: number; layer: number | null }
  /** Nothing can be asked like this; `nearest` is what may have been meant. */
  | { kind: 'unknown'; why: string; nearest: string | null };

/** What people call a statement in short. */
const PHRASES: Readonly<Record<string, string>> = {
  flipped: 'flipped by the last move',
  'just flipped': 'flipped by the last move',
  'just played': 'played',
};

/** Words that people use for those of the label sets. */
const WORDS: Readonly<Record<string, string>> = {
  mine: 'own',
  my: 'own',
  yours: 'own',
  enemy: 'opponent',
  enemys: 'opponent',
  theirs: 'opponent',
  their: 'opponent',
  opponents: 'opponent',
  blank: 'empty',
  free: 'empty',
  playable: 'legal',
};

const FEATURE = /^(?:(?:layer|l)\s*(\d{1,3})\s+)?(?:feature\s+#?|#)(\d{1,7})$/;
const SQUARE = /^[a-h][1-8]$/;

/**
 * Reads a question: the name of a label (`own c4`, `c4 mine`), the beginning of one that no other label
 * has (`just played d3`), or a feature (`#42`, `layer 5 #42`).
 */
export function readQuestion(text: string, { sets, dictionaries }: Askable): Question {
  const asked = normal(text);
  if (asked === '') return unknown('Nothing was asked.', null);
  const feature = FEATURE.exec(asked);
  if (feature) {
    const [, layer, number] = feature;
    return featureQuestion(Number(number), layer === undefined ? null : Number(layer), dictionaries);
  }
  const found = candidates(asked, sets);
  const [first, second] = found;
  if (first && (!second || first.exact)) return { kind: 'label', set: first.set, label: first.label };
  if (first && second) {
    const more = found.length > 2 ? ` and ${found.length - 2} more` : '';
    const why = `“${text.trim()}” may be “${first.label.name}”, “${second.label.name}”${more}.`;
    return unknown(why, first.label.name);
  }
  return unknown(`No label and no feature is called “${text.trim()}”.`, nearest(asked, sets));
}

function featureQuestion(
  feature: number,
  layer: number | null,
  dictionaries: readonly DictionaryInfo[],
): Question {
  const there = dictionaries.filter(
    ({ reads }) => layer === null || reads.some((tap) => tap.layer === layer),
  );
  if (there.length === 0) return unknown(`No dictionary reads layer ${layer}.`, null);
  const most = Math.max(...there.map(({ features }) => features));
  if (feature < most) return { kind: 'feature', feature, layer };
  const place = layer === null ? 'No dictionary' : `No dictionary of layer ${layer}`;
  const prefix = layer === null ? '' : `layer ${layer} `;
  return unknown(`${place} has a feature ${feature}: they end at ${most - 1}.`, `${prefix}#${most - 1}`);
}

function unknown(why: string, nearest: string | null): Question {
  return { kind: 'unknown', why, nearest };
}

interface Candidate {
  set: string;
  label: Label;
  exact: boolean;
}

/** The labels that `asked`, in its normal form, may be: those that it names, or else those that it begins. */
function candidates(asked: string, sets: readonly LabelNames[]): Candidate[] {
  const all = sets.flatMap(({ name: set, labels }) => labels.map((label) => ({ set, label })));
  const exact = all.filter(({ label }) => label.name === asked);
  if (exact.length > 0) return exact.map((found) => ({ ...found, exact: true }));
  return all.filter(({ label }) => begins(label, asked)).map((found) => ({ ...found, exact: false }));
}

/** Whether `asked` is the square of a label and the beginning of its statement. */
function begins(label: Label, asked: string): boolean {
  const { words, square } = split(asked);
  if (words === '' || square !== (label.square === null ? null : squareName(label.square))) return false;
  const statement = statementOf(label);
  return statement === words || statement.startsWith(`${words} `);
}

/** `own` of `own c4`. */
export function statementOf({ name, square }: Pick<Label, 'name' | 'square'>): string {
  if (square === null) return name;
  const suffix = ` ${squareName(square)}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** Lower case, one blank between words, the square last, words as the label sets have them. */
function normal(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[?’'“”".,:]/g, '')
    .trim()
    .replaceAll(/\s+/g, ' ');
  const { words, square } = split(plain);
  const statement =
    PHRASES[words] ??
    words
      .split(' ')
      .map((word) => WORDS[word] ?? word)
      .join(' ');
  return [statement, square].filter((part) => part).join(' ');
}

/** The square among the words, and the others. */
function split(text: string): { words: string; square: string | null } {
  const words = text.split(' ');
  const at = words.findIndex((word) => SQUARE.test(word));
  if (at < 0) return { words: text, square: null };
  const [square = null] = words.splice(at, 1);
  return { words: words.join(' '), square };
}

/** The label whose name takes the fewest changes of a letter; null if all take more than half of them. */
function nearest(asked: string, sets: readonly LabelNames[]): string | null {
  let best: string | null = null;
  let least = Math.ceil(asked.length / 2) + 1;
  for (const { labels } of sets) {
    for (const { name } of labels) {
      if (Math.abs(name.length - asked.length) >= least) continue;
      const changes = distance(asked, name);
      if (changes < least) [best, least] = [name, changes];
    }
  }
  return best;
}

/** Letters to put in, take out or change to make `b` of `a` (Levenshtein's distance). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** At most `limit` names of labels that go on from `text`, those that begin with it first. */
export function completions(text: string, sets: readonly LabelNames[], limit: number): Label[] {
  const asked = normal(text);
  if (asked === '') return [];
  const { words, square } = split(asked);
  const first: Label[] = [];
  const then: Label[] = [];
  for (const { labels } of sets) {
    for (const label of labels) {
      if (label.name.startsWith(asked)) first.push(label);
      else if (goesOn(label, words, square)) then.push(label);
    }
  }
  return [...first, ...then].slice(0, limit);
}

/** Whether the label is of the square, if one is named, and has all the words, the last perhaps begun. */
function goesOn(label: Label, words: string, square: string | null): boolean {
  if (square !== null && (label.square === null || squareName(label.square) !== square)) return false;
  const statement = statementOf(label).split(' ');
  return words
    .split(' ')
    .filter((word) => word)
    .every((word) => statement.some((own) => own.startsWith(word)));
}

/** The label of a statement on a square; null if the sets have none. */
export function labelOn(statement: string, square: Square, sets: readonly LabelNames[]): Label | null {
  const name = `${statement} ${squareName(square)}`;
  return sets.flatMap(({ labels }) => labels).find((label) => label.name === name) ?? null;
}
