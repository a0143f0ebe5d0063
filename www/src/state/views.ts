/** What the views are called in addresses' place of a file, and in code. */
export type ViewName = 'play' | 'features' | 'figures' | 'guide';

/** One view of the page. Each is a file of its own, so that it has a title before any script runs. */
export interface View {
  name: ViewName;
  /** The last segment of its address; the first view also has none. */
  file: string;
  /** What a link to it says. */
  link: string;
  /** The title of its document. */
  title: string;
}

/** The views, in the order of the navigation. A test holds their titles to those of the files. */
export const VIEWS: readonly [View, ...View[]] = [
  { name: 'play', file: 'index.html', link: 'Play', title: 'othello-lens: what a model knows of the board' },
  { name: 'features', file: 'features.html', link: 'Features', title: 'Features · othello-lens' },
  { name: 'figures', file: 'figures.html', link: 'Figures', title: 'Figures · othello-lens' },
  { name: 'guide', file: 'guide.html', link: 'Guide', title: 'Guide · othello-lens' },
];

/** The view of that name. */
export function viewOf(name: ViewName): View {
  return VIEWS.find((view) => view.name === name) ?? VIEWS[0];
}

/** The view at a path; null if the path is none of the page's. Some hosts leave `.html` away. */
export function viewAt(pathname: string): View | null {
  const segment = lastSegment(pathname);
  if (segment === '') return VIEWS[0];
  return VIEWS.find(({ file }) => segment === file || segment === file.replace('.html', '')) ?? null;
}

/** The path of a view that lies beside the one at `pathname`. */
export function pathOf(name: ViewName, pathname: string): string {
  // Whoever came to `…/index.html` stays there.
  if (viewAt(pathname)?.name === name) return pathname;
  const folder = pathname.slice(0, pathname.length - lastSegment(pathname).length);
  const { file } = viewOf(name);
  return name === 'play' ? folder : `${folder}${file}`;
}

function lastSegment(pathname: string): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}
