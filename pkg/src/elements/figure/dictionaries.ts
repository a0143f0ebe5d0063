// Which dictionaries a figure is about.
import type { DictionaryInfo } from '../../types.js';
import type { Available } from './definition.js';

/** The layer and site that the report's dictionary read: it counted layers from 1 and called this the sixth. */
const REPORTED = 'blocks.5.hook_resid_post';

/** The seed of a dictionary's training; 0 where its maker does not say. */
export function trainingSeed({ seed }: DictionaryInfo): number {
  return seed ?? 0;
}

/** Whether a dictionary is of the report's form: ReLU features and an L1 penalty. */
export function isStandard({ recipe }: DictionaryInfo): boolean {
  return recipe === 'standard';
}

/** The layer that a dictionary reads, from 0. */
export function layerOf({ reads: [tap] }: DictionaryInfo): number {
  return tap.layer;
}

/** `standard, tied`, `batch top k`. */
export function recipeOf({ recipe, tied }: DictionaryInfo): string {
  const name = recipe.replaceAll('_', ' ');
  return tied ? `${name}, tied` : name;
}

/** `standard, tied, α 0.25, layer 5`: what a dictionary is, in few words. */
export function shortTitle(dictionary: DictionaryInfo): string {
  const { reads } = dictionary;
  const site = reads[0].site === 'resid_post' ? '' : `, ${reads[0].site}`;
  const { strength } = dictionary;
  const letter = /top_k|matryoshka/.test(dictionary.recipe) ? 'k' : 'α';
  return `${recipeOf(dictionary)}${strength === null ? '' : `, ${letter} ${strength}`}, layer ${layerOf(dictionary)}${site}`;
}

/**
 * The dictionary that a figure of one is about: the one asked for, else the report's (standard, tied, the
 * residual stream after layer 5), else the one that finds most contents.
 */
export function chosen({ dictionaries, neurons, choice }: Available): DictionaryInfo | undefined {
  if (choice.dictionary !== null)
    return [...dictionaries, ...neurons].find(({ id }) => id === choice.dictionary);
  return reported(dictionaries) ?? mostContents(dictionaries);
}

/** The report's dictionary among these: of those of its form and place the one whose penalty most others share. */
export function reported(dictionaries: readonly DictionaryInfo[]): DictionaryInfo | undefined {
  const like = dictionaries.filter(
    (dictionary) => isStandard(dictionary) && dictionary.tied && dictionary.reads[0].name === REPORTED,
  );
  const shared = (of: DictionaryInfo) => like.filter(({ strength }) => strength === of.strength).length;
  const [first, ...rest] = like.filter((dictionary) => trainingSeed(dictionary) === 0);
  return rest.reduce((best, one) => (best && shared(best) >= shared(one) ? best : one), first);
}

/** The dictionary that finds most contents. */
export function mostContents(dictionaries: readonly DictionaryInfo[]): DictionaryInfo | undefined {
  const count = ({ metrics }: DictionaryInfo) => metrics['contents_over_0_9'] ?? -1;
  return dictionaries.reduce<DictionaryInfo | undefined>(
    (best, dictionary) => (best && count(best) >= count(dictionary) ? best : dictionary),
    undefined,
  );
}

/** Those that differ from the report's dictionary in their penalty alone. */
export function sweep(dictionaries: readonly DictionaryInfo[]): DictionaryInfo[] {
  const like = likeReported(dictionaries).filter((dictionary) => trainingSeed(dictionary) === 0);
  return like
    .filter(({ strength }) => strength !== null)
    .sort((a, b) => (a.strength ?? 0) - (b.strength ?? 0));
}

/** Those that differ from the report's dictionary in their seed alone. */
export function seeds(dictionaries: readonly DictionaryInfo[]): DictionaryInfo[] {
  const one = reported(dictionaries);
  if (!one) return [];
  return likeReported(dictionaries)
    .filter(({ strength }) => strength === one.strength)
    .sort((a, b) => trainingSeed(a) - trainingSeed(b));
}

/** Those of the report's form and penalty at every layer, tied and untied. */
export function byLayer(dictionaries: readonly DictionaryInfo[]): DictionaryInfo[] {
  const one = reported(dictionaries);
  return dictionaries
    .filter(
      (dictionary) =>
        isStandard(dictionary) &&
        dictionary.reads[0].site === 'resid_post' &&
        trainingSeed(dictionary) === 0 &&
        (!one || dictionary.strength === one.strength),
    )
    .sort((a, b) => layerOf(a) - layerOf(b) || Number(b.tied) - Number(a.tied));
}

function likeReported(dictionaries: readonly DictionaryInfo[]): DictionaryInfo[] {
  const one = reported(dictionaries);
  return one
    ? dictionaries.filter(
        (dictionary) =>
          isStandard(dictionary) &&
          dictionary.tied &&
          dictionary.features === one.features &&
          dictionary.reads[0].name === one.reads[0].name,
      )
    : [];
}
