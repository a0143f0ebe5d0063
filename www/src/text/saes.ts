import type { Plane, SaeInfo, Site, Square } from 'othello-lens';

import { squareName } from './squares.js';

const SITES: Record<Site, string> = {
  resid_pre: 'residual stream before',
  resid_mid: 'residual stream within',
  resid_post: 'residual stream after',
  attn_out: 'attention’s output in',
  mlp_out: 'MLP’s output in',
  mlp_in: 'MLP’s input in',
  mlp_post: 'neurons of',
  z: 'attention heads of',
  pattern: 'attention pattern of',
};

/** `residual stream after layer 5`. */
export function place({ site, layer }: Pick<SaeInfo, 'site' | 'layer'>): string {
  return `${SITES[site]} layer ${layer}`;
}

const HOOKS: Record<Site, string> = {
  resid_pre: 'hook_resid_pre',
  resid_mid: 'hook_resid_mid',
  resid_post: 'hook_resid_post',
  attn_out: 'hook_attn_out',
  mlp_in: 'ln2.hook_normalized',
  mlp_post: 'mlp.hook_post',
  mlp_out: 'hook_mlp_out',
  z: 'attn.hook_z',
  pattern: 'attn.hook_pattern',
};

/** `standard-0.25-s0` of `blocks.5.hook_resid_post-standard-0.25-s0`: what its group’s name leaves open. */
export function idWithinPlace({ id, site, layer }: Pick<SaeInfo, 'id' | 'site' | 'layer'>): string {
  const name = `blocks.${layer}.${HOOKS[site]}-`;
  return id.startsWith(name) ? id.slice(name.length) : id;
}

/** `standard, tied`. */
export function kind({ recipe, tied }: Pick<SaeInfo, 'recipe' | 'tied'>): string {
  return `${recipe.replace('top_k', 'topk').replaceAll('_', ' ')}, ${tied ? 'tied' : 'untied'}`;
}

/** `own d3`. */
export function labelName({ plane, square }: { plane: Plane; square: Square }): string {
  return `${plane} ${squareName(square)}`;
}

const PLANES: readonly Plane[] = ['own', 'enemy', 'empty', 'legal'];

/** `own d3` of 19: 64 · plane + square. */
export function labelOfNumber(number: number): string {
  return labelName({ plane: PLANES[number >> 6] ?? 'own', square: number & 63 });
}

/** SAEs that read the same, in the order of the layers; within one in the bundle's order. */
export function groups(saes: readonly SaeInfo[]): { name: string; saes: SaeInfo[] }[] {
  const byPlace = new Map<string, SaeInfo[]>();
  for (const sae of [...saes].sort((a, b) => a.layer - b.layer)) {
    const name = place(sae);
    const group = byPlace.get(name) ?? [];
    byPlace.set(name, group);
    group.push(sae);
  }
  // Of one recipe side by side.
  return [...byPlace].map(([name, group]) => {
    const recipes = [...new Set(group.map(kind))];
    return { name, saes: group.sort((a, b) => recipes.indexOf(kind(a)) - recipes.indexOf(kind(b))) };
  });
}
