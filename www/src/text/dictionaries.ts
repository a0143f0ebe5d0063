import type { DictionaryInfo } from 'othello-lens';

/** `standard-0.25-s0` of `blocks.5.hook_resid_post-standard-0.25-s0`: what its group’s name leaves open. */
export function idWithinPlace({ id, reads: [tap] }: Pick<DictionaryInfo, 'id' | 'reads'>): string {
  return id.startsWith(`${tap.name}-`) ? id.slice(tap.name.length + 1) : id;
}

/** `standard, tied`. */
export function kind({ recipe, tied }: Pick<DictionaryInfo, 'recipe' | 'tied'>): string {
  return `${recipe.replaceAll('_', ' ')}, ${tied ? 'tied' : 'untied'}`;
}

/** What tells a dictionary apart, and the rest of what it is. */
export interface Title {
  title: string;
  rest: string;
}

/**
 * What to call `dictionary` among `others` of its group: its kind, unless others have the same; then what the
 * two do not share.
 */
export function titleAmong(dictionary: DictionaryInfo, others: readonly DictionaryInfo[]): Title {
  const own = parts(dictionary);
  const alike = others.filter((each) => each !== dictionary && kind(each) === kind(dictionary));
  if (alike.length === 0 || own.length === 0)
    return { title: kind(dictionary), rest: own.join(', ') || idWithinPlace(dictionary) };
  const differing = own.filter((part) => alike.some((each) => !parts(each).includes(part)));
  const title = differing.join(', ') || idWithinPlace(dictionary);
  const rest = [kind(dictionary), ...own.filter((part) => !differing.includes(part))];
  return { title, rest: rest.join(', ') };
}

/** Dictionaries that read the same. */
export interface Group {
  /** What they read, in words. */
  place: string;
  dictionaries: DictionaryInfo[];
}

/** All dictionaries by what they read, in the order of the layers; within a group recipes are side by side. */
export function groups(all: readonly DictionaryInfo[]): Group[] {
  const byPlace = new Map<string, DictionaryInfo[]>();
  for (const dictionary of [...all].sort((a, b) => a.reads[0].layer - b.reads[0].layer)) {
    const group = byPlace.get(dictionary.place) ?? [];
    byPlace.set(dictionary.place, group);
    group.push(dictionary);
  }
  return [...byPlace].map(([place, group]) => {
    const recipes = [...new Set(group.map(kind))];
    const dictionaries = group.sort((a, b) => recipes.indexOf(kind(a)) - recipes.indexOf(kind(b)));
    return { place, dictionaries };
  });
}

/** `, k 32, seed 0`: what tells a dictionary from others of its kind, as far as its maker says it. */
export function variant({
  strength,
  seed,
  recipe,
}: Pick<DictionaryInfo, 'strength' | 'seed' | 'recipe'>): string {
  return parts({ strength, seed, recipe })
    .map((part) => `, ${part}`)
    .join('');
}

/** What a dictionary was trained with, in words: `α 0.25`, `seed 0`. */
function parts({ recipe, strength, seed }: Pick<DictionaryInfo, 'strength' | 'seed' | 'recipe'>): string[] {
  const letter = /top_k|matryoshka/.test(recipe) ? 'k' : 'α';
  return [
    ...(strength == null ? [] : [`${letter} ${Number(strength.toPrecision(2))}`]),
    ...(seed == null ? [] : [`seed ${seed}`]),
  ];
}
