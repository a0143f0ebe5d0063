import { readFeature } from './feature.js';
import { sentence } from './words.js';

/**
 * What is known of a feature, as one sentence of plain text: for feeds and for pages that run no scripts. It is
 * fetched as the still picture of `<othello-feature>` is: the bundle's manifest and one row of the cards. On a server,
 * which has no page that `bundle` could be relative to, it has to be a whole address.
 *
 * @throws a `LensError` that names the dictionary or the feature that there is not.
 */
export async function describeFeature(
  bundle: string | URL,
  dictionary: string,
  feature: number,
  signal?: AbortSignal,
): Promise<string> {
  return sentence(
    await readFeature(new URL(bundle, globalThis.document?.baseURI).href, dictionary, feature, signal),
  );
}
