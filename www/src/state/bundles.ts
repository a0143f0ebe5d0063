/** A bundle: one of those that lie beside the page, or one of somebody's own, anywhere. */
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

/** Bundles of other places that were asked for, by their addresses. */
const ELSEWHERE = new Map<string, Bundle>();

/** The bundle of that name, or at that address; the first of no name; null if there is none. */
export function bundleOf(name: string | null): Bundle | null {
  if (name === null) return BUNDLES[0];
  return BUNDLES.find((bundle) => bundle.name === name) ?? bundleAt(name);
}

/** The bundle at a whole address of the web, of its folder or of its manifest; null if that is none. */
export function bundleAt(address: string): Bundle | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  const known = ELSEWHERE.get(address);
  if (known) return known;
  const { host } = new URL(address);
  const bundle = {
    name: address,
    path: address,
    title: host,
    about: `A bundle at ${address}.`,
    trained: true,
  };
  ELSEWHERE.set(address, bundle);
  return bundle;
}

/** What an address calls a bundle: the first needs no name. */
export function nameInAddress(bundle: Bundle): string | null {
  return bundle === BUNDLES[0] ? null : bundle.name;
}
