/** A bundle that lies beside the page. */
export interface Bundle {
  /** What the page's address calls it. */
  name: string;
  /** Where it lies, from the page. */
  path: string;
  /** What the switch in the page's header says. */
  title: string;
  /** It in a sentence. */
  about: string;
  /** Whether its model was trained, or is the control that was not. */
  trained: boolean;
}

/** The first is what the page opens with. */
export const BUNDLES: readonly [Bundle, ...Bundle[]] = [
  {
    name: 'small',
    path: 'models/small/',
    title: 'small 8×128',
    about: 'Eight layers of width 128, trained on random games.',
    trained: true,
  },
  {
    name: 'full',
    path: 'models/full/',
    title: 'full 8×512',
    about: 'Eight layers of width 512, trained on random games: a larger download.',
    trained: true,
  },
  {
    name: 'control',
    path: 'models/control/',
    title: 'untrained',
    about: 'The control: a model of the small one’s shape whose weights are as they were drawn.',
    trained: false,
  },
];

/** The bundle of that name, the first of no name; null if there is none. */
export function bundleOf(name: string | null): Bundle | null {
  return name === null ? BUNDLES[0] : (BUNDLES.find((bundle) => bundle.name === name) ?? null);
}

/** What an address calls a bundle: the first needs no name. */
export function nameInAddress(bundle: Bundle): string | null {
  return bundle === BUNDLES[0] ? null : bundle.name;
}
