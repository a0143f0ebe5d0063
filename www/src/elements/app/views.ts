import type { ViewName } from '../../state/views.js';

/** The elements of the views that are loaded when they are first gone to; that of the first comes with the page. */
const ELEMENTS: Readonly<Record<Exclude<ViewName, 'play'>, () => Promise<unknown>>> = {
  features: () => import('../features-view/features-view.js'),
  figures: () => import('../figures-view/figures-view.js'),
  guide: () => import('../guide-view/guide-view.js'),
};

const loaded = new Set<ViewName>(['play']);

/** Whether the element of a view is here. */
export function isLoaded(view: ViewName): boolean {
  return loaded.has(view);
}

/** Brings the element of a view. */
export async function loadView(view: ViewName): Promise<void> {
  if (view !== 'play') await ELEMENTS[view]();
  loaded.add(view);
}
