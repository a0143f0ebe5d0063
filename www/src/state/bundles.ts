/** A bundle that lies beside the page. */
export interface Bundle {
  /** What the page's address calls it. */
  name: string;
  /** Where it lies, from the page. */
  path: string;
  /** What a link to it says. */
  link: string;
  /** Whether its model was trained, or is the control that was not. */
  trained: boolean;
}

/** The first is what the page opens with. */
export const BUNDLES: readonly [Bundle, ...Bundle[]] = [
  { name: 'small', path: 'models/small/', link: 'The small trained model', trained: true },
  { name: 'control', path: 'models/control/', link: 'The same model, never trained', trained: false },
  { name: 'full', path: 'models/full/', link: 'A trained model four times as wide', trained: true },
];

/** The bundle that an address names; if there is none of that name, the first. */
export function bundleOf(search: string): Bundle {
  const name = new URLSearchParams(search).get('model');
  return BUNDLES.find((bundle) => bundle.name === name) ?? BUNDLES[0];
}

/** The address of the page with another bundle; the game stays. */
export function addressOf({ name }: Bundle, search: string): string {
  const query = new URLSearchParams(search);
  // Features of one model mean nothing in another.
  for (const key of ['model', 'sae', 'feature']) query.delete(key);
  if (name !== BUNDLES[0].name) query.set('model', name);
  return `?${query}`;
}
