import type { Theme } from './messages.js';
import { SWITCHES, type SwitchKey, type Widget } from './query.js';

/** What a widget shows: an element and its attributes, without `bundle` and `theme`. */
export interface Subject {
  widget: Widget;
  /** The name of the model in the page's address; null is the first. */
  model: string | null;
  attributes: Readonly<Record<string, string>>;
}

/** How it is to be put into another page. */
export interface Choice {
  form: 'element' | 'frame';
  theme: Theme | null;
  /** The parts that are to be left out. */
  off: ReadonlySet<SwitchKey>;
  /** Whether the engine starts without waiting for a reader. */
  live: boolean;
}

/** What the code refers to. */
export interface Site {
  /** The address of the page's folder. */
  base: string;
  /** The bundle's folder, from there. */
  bundle: string;
  /** What readers without scripts are shown, as text. */
  still: string;
}

const VIEW: Record<Widget, string> = {
  'othello-feature': 'features.html',
  'othello-figure': 'figures.html',
  'othello-player': 'index.html',
};

/** What attributes are called in addresses, where that differs. */
const KEY: Record<string, string> = { name: 'figure', 'test-text': 'defaulttesttext' };

/** The address of the subject in the whole page. */
export function pageAddress({ widget, model, attributes }: Subject, { base }: Pick<Site, 'base'>): string {
  const url = new URL(VIEW[widget], base);
  if (model !== null) url.searchParams.set('model', model);
  for (const [name, value] of Object.entries(attributes)) url.searchParams.set(KEY[name] ?? name, value);
  return url.href;
}

/** The address of the widget for a frame. */
export function frameAddress(subject: Subject, { theme, off }: Choice, site: Pick<Site, 'base'>): string {
  const url = new URL(pageAddress(subject, site));
  url.searchParams.set('embed', 'true');
  for (const { key } of SWITCHES) if (off.has(key)) url.searchParams.set(key, 'false');
  if (theme) url.searchParams.set('theme', theme);
  return url.href;
}

/** The code to be pasted into another page. */
export function embedCode(subject: Subject, choice: Choice, site: Site): string {
  return choice.form === 'frame' ? frameCode(subject, choice, site) : elementCode(subject, choice, site);
}

function frameCode(subject: Subject, choice: Choice, site: Site): string {
  const frame = tag('iframe', {
    'data-othello-lens': '',
    src: frameAddress(subject, choice, site),
    title: site.still,
    width: '100%',
    height: '420',
    loading: 'lazy',
    frameborder: '0',
    allow: 'clipboard-write',
  });
  const host = tag('script', { async: '', src: new URL('embed.js', site.base).href });
  return `${frame}${still(subject, site)}</iframe>\n${host}</script>`;
}

function elementCode(subject: Subject, choice: Choice, site: Site): string {
  const script = tag('script', { type: 'module', src: new URL('package/elements.js', site.base).href });
  const element = tag(subject.widget, elementAttributes(subject, choice, site));
  return `${script}</script>\n${element}${still(subject, site, choice.off.has('embedlink'))}</${subject.widget}>`;
}

/** The attributes of the element. */
export function elementAttributes(
  subject: Subject,
  { theme, off, live }: Choice,
  site: Pick<Site, 'base' | 'bundle'>,
): Record<string, string> {
  const panels = SWITCHES.flatMap(({ key, panel }) => (panel !== null && !off.has(key) ? [panel] : []));
  const all = panels.length === SWITCHES.filter(({ panel }) => panel !== null).length;
  return {
    bundle: new URL(site.bundle, site.base).href,
    ...subject.attributes,
    ...(subject.widget === 'othello-feature' && !all ? { panels: panels.join(' ') || 'none' } : {}),
    ...(theme && { theme }),
    ...(live && { live: '' }),
  };
}

/** What feed readers and pages without scripts show in the widget's place. */
function still(subject: Subject, site: Site, bare = false): string {
  const link = `<a href="${escapeHtml(pageAddress(subject, site))}">Open in othello-lens</a>`;
  return `\n  <p>${escapeHtml(site.still)}${bare ? '' : ` ${link}`}</p>\n`;
}

function tag(name: string, attributes: Record<string, string>): string {
  const all = Object.entries(attributes).map(([key, value]) =>
    value === '' ? key : `${key}="${escapeHtml(value)}"`,
  );
  return `<${[name, ...all].join(' ')}>`;
}

/** `text` as HTML has it, in an element or in an attribute's quotation marks. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
