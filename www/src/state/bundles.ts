import type { KeptBundle } from 'othello-lens';

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
  return BUNDLES.find((bundle) => bundle.name === name) ?? keptAt(name) ?? bundleAt(name);
}

/** The bundle that this browser keeps at an address, `kept:0123456789abcdef`; null if that is none. */
function keptAt(address: string): Bundle | null {
  if (!isKept(address)) return null;
  return elsewhere(address, 'kept here', 'A bundle that this browser keeps.');
}

/** Whether an address is that of a bundle that this browser keeps. */
export function isKept(address: string): boolean {
  return /^kept:[0-9a-f]{16}$/.test(address);
}

/** A bundle that this browser keeps, called as its manifest calls it. */
export function keptBundle({ address, name, layers, dModel }: KeptBundle): Bundle {
  const bundle = elsewhere(address, name, '');
  bundle.title = name;
  bundle.about = `${layers} layers of width ${dModel}, kept in this browser.`;
  return bundle;
}

/** The bundle at a whole address of the web, of its folder or of its manifest; null if that is none. */
export function bundleAt(address: string): Bundle | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  return elsewhere(address, new URL(address).host, `A bundle at ${address}.`);
}

/** The bundle of an address, the same each time. */
function elsewhere(address: string, title: string, about: string): Bundle {
  const known = ELSEWHERE.get(address);
  if (known) return known;
  const bundle = { name: address, path: address, title, about, trained: true };
  ELSEWHERE.set(address, bundle);
  return bundle;
}

/** What an address calls a bundle: the first needs no name. */
export function nameInAddress(bundle: Bundle): string | null {
  return bundle === BUNDLES[0] ? null : bundle.name;
}
