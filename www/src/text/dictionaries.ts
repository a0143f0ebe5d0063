import type { SaeInfo } from 'othello-lens';

/** `standard-0.25-s0` of `blocks.5.hook_resid_post-standard-0.25-s0`: what its group’s name leaves open. */
export function idWithinPlace({ id, tap }: Pick<SaeInfo, 'id' | 'tap'>): string {
  return id.startsWith(`${tap}-`) ? id.slice(tap.length + 1) : id;
}

/** `standard, tied`. */
export function kind({ recipe, tied }: Pick<SaeInfo, 'recipe' | 'tied'>): string {
  return `${recipe.replaceAll('_', ' ')}, ${tied ? 'tied' : 'untied'}`;
}

/** Dictionaries that read the same. */
export interface Group {
  /** What they read, in words. */
  place: string;
  dictionaries: SaeInfo[];
}

/** All dictionaries by what they read, in the order of the layers; within a group recipes are side by side. */
export function groups(all: readonly SaeInfo[]): Group[] {
  const byPlace = new Map<string, SaeInfo[]>();
  for (const dictionary of [...all].sort((a, b) => a.layer - b.layer)) {
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
