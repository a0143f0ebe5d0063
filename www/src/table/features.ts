import type { FeatureTable } from 'othello-lens';

import { percent } from '../text/numbers.js';
import type { Column, Value } from './columns.js';

/** A feature by its number, in the table of its dictionary. */
type Feature = number;

/** The columns of the table of all features of a dictionary. */
export function featureColumns(table: FeatureTable): Column<Feature>[] {
  const number = (
    name: string,
    title: string,
    about: string,
    values: Float32Array,
    show: (value: number) => string,
  ): Column<Feature> => ({
    name,
    title,
    about,
    numeric: true,
    width: 8,
    value: (feature) => values[feature] ?? null,
    show: (value) => (typeof value === 'number' ? show(value) : value),
  });
  const text = (
    name: string,
    title: string,
    about: string,
    value: (feature: Feature) => Value,
    width: number,
  ): Column<Feature> => ({ name, title, about, numeric: false, width, value });
  const active = (feature: Feature) => (table.density[feature] ?? 0) > 0;
  const whereActive = (values: Float32Array) => values.map((value, at) => (active(at) ? value : Number.NaN));
  const decimals = (digits: number) => (value: number) => value.toFixed(digits);
  return [
    {
      name: 'feature',
      title: 'Feature',
      about: 'The number of the feature in its dictionary',
      numeric: true,
      width: 6.5,
      value: (feature) => feature,
      show: (value) => `#${value}`,
    },
    text(
      'label',
      'Tells best',
      'The label that its activation tells best, if any is told better than by chance',
      (feature) => table.label[feature] ?? null,
      16,
    ),
    number(
      'auroc',
      'AUROC',
      'How well it tells that label: 0.5 is chance, 1 is always',
      whereActive(table.auroc),
      decimals(3),
    ),
    text(
      'set',
      'Labels',
      'The set that the label is of',
      (feature) => (table.label[feature] == null ? null : (table.set[feature] ?? null)),
      7,
    ),
    text(
      'f1_label',
      'Predicts best',
      'The label of the board that it predicts best above some share of its maximum, if better than “always” does',
      (feature) => (active(feature) ? (table.f1Label[feature] ?? null) : null),
      9,
    ),
    number('f1', 'F1', 'How well it predicts that label', whereActive(table.f1), decimals(2)),
    number(
      'f1_base',
      'F1 of “always”',
      'What saying yes at every position gets for that label',
      whereActive(table.f1Base),
      decimals(2),
    ),
    number('density', 'Active', 'Share of positions where it is active', table.density, percent),
    number('max', 'Maximum', 'Its largest activation', table.max, decimals(2)),
  ];
}
