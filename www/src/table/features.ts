import type { FeatureTable } from '../ask/from-cards.js';
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
    width: 'minmax(7em, 1fr)',
    value: (feature) => values[feature] ?? null,
    show: (value) => (typeof value === 'number' ? show(value) : value),
  });
  const text = (
    name: string,
    title: string,
    about: string,
    value: (feature: Feature) => Value,
    width: string,
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
      width: '6.5em',
      value: (feature) => feature,
      show: (value) => `#${value}`,
    },
    text(
      'label',
      'Tells best',
      'The label that its activation tells best, if any is told better than by chance',
      (feature) => table.label[feature] ?? null,
      'minmax(13em, 2fr)',
    ),
    number(
      'auroc',
      'AUROC',
      'How well it tells that label: 0.5 is chance, 1 is always',
      whereActive(table.auroc),
      decimals(3),
    ),
    number('density', 'Active', 'Share of positions where it is active', table.density, percent),
    number('max', 'Maximum', 'Its largest activation', table.max, decimals(2)),
  ];
}
