import type { Device } from 'othello-lens';

import { pathOf, type ViewName, viewAt } from './views.js';

/** The tables of the view of features: all features of a dictionary, and all dictionaries. */
export type TableName = 'features' | 'dictionaries';

/** What the page's address says: what two people need to see the same. */
export interface Address {
  view: ViewName;
  /** Name of the bundle; null is the one that the page opens with. */
  model: string | null;
  device: Device;
  /** Id of the dictionary; null is the bundle's best. */
  dictionary: string | null;
  /** The pinned feature. */
  feature: number | null;
  /** The moves, as typed; empty for an empty board, null where the page chooses a game. */
  transcript: string | null;
  /** The ply shown; null is where a game opens. */
  ply: number | null;
  /** Features below this share of their maximum are hidden. */
  threshold: number;
  /** The label that the view of features is asked about. */
  label: string | null;
  /** The table that the view of features shows. */
  table: TableName | null;
  /** Name of the figure in the view of figures. */
  figure: string | null;
  /** Values that make no sense, as people would say them: `the feature “abc”`. */
  faults: readonly string[];
}

/** The keys that the address writes, in their order. */
const KEYS = [
  'model',
  'transcript',
  'ply',
  'dictionary',
  'feature',
  'label',
  'table',
  'figure',
  'threshold',
  'device',
] as const;

/** A part of the address's path and query. */
type Location = Pick<URL, 'pathname' | 'search'>;

/** Reads an address; what makes no sense is among its faults, and else as if it were not there. */
export function readAddress({ pathname, search }: Location): Address {
  const query = new URLSearchParams(search);
  const faults: string[] = [];
  const number = (key: 'feature' | 'ply' | 'threshold'): number | null => {
    const text = query.get(key);
    if (text === null) return null;
    if (/^\d{1,6}$/.test(text)) return Number(text);
    faults.push(`the ${key} “${shortened(text)}”`);
    return null;
  };
  const device = query.get('device');
  const table = query.get('table');
  if (table !== null && !isTable(table)) faults.push(`the table “${shortened(table)}”`);
  if (device !== null && !isDevice(device)) faults.push(`the device “${shortened(device)}”`);
  return {
    view: viewAt(pathname)?.name ?? 'play',
    model: query.get('model'),
    device: device !== null && isDevice(device) ? device : 'auto',
    dictionary: query.get('dictionary'),
    feature: number('feature'),
    transcript: query.get('transcript'),
    ply: number('ply'),
    threshold: Math.min(90, number('threshold') ?? 0) / 100,
    label: query.get('label'),
    table: table !== null && isTable(table) ? table : null,
    figure: query.get('figure'),
    faults,
  };
}

/** The path and query that {@link readAddress} reads back, beside the page at `location`. Other keys stay. */
export function writeAddress(address: Address, { pathname, search }: Location): string {
  const query = new URLSearchParams(search);
  const values: Record<(typeof KEYS)[number], string | null> = {
    model: address.model,
    transcript: address.transcript,
    ply: address.transcript ? (address.ply?.toString() ?? null) : null,
    dictionary: address.dictionary,
    feature: address.feature?.toString() ?? null,
    label: address.label,
    table: address.table,
    figure: address.figure,
    threshold: address.threshold > 0 ? Math.round(100 * address.threshold).toString() : null,
    device: address.device === 'auto' ? null : address.device,
  };
  for (const key of KEYS) {
    const value = values[key];
    query.delete(key);
    if (value !== null) query.set(key, value);
  }
  const text = query.toString();
  return `${pathOf(address.view, pathname)}${text ? `?${text}` : ''}`;
}

/** What a link to a change of `address` leads to. */
export function hrefOf(address: Address, change: Partial<Address>): string {
  return writeAddress({ ...address, ...withoutOther(change) }, location);
}

/** The features of one model mean nothing in another, nor do those of one dictionary in the next. */
function withoutOther(change: Partial<Address>): Partial<Address> {
  if ('model' in change) return { dictionary: null, feature: null, ...change };
  if ('dictionary' in change) return { feature: null, ...change };
  return change;
}

function isDevice(text: string): text is Device {
  return text === 'auto' || text === 'gpu' || text === 'cpu';
}

function isTable(text: string): text is TableName {
  return text === 'features' || text === 'dictionaries';
}

/** What is quoted of a value that may be of any length. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** How a change of the address is to be undone: by the browser's back button, or not at all. */
export type How = 'push' | 'replace';

/**
 * The address bar and what it says. Browsers refuse many changes in a row, as scrubbing would make: those
 * wait a little. In a frame no change is a step of its own: the host's back button is the host's.
 */
export class AddressBar {
  #address: Address = readAddress(location);
  #waiting: number | null = null;
  readonly #framed = window.parent !== window;
  readonly #listeners = new Set<(address: Address, before: Address) => void>();

  /** What the bar says, or will in a moment. */
  get address(): Address {
    return this.#address;
  }

  /** Calls `listener` after each step that the browser takes back or on, or that a link makes. */
  subscribe(listener: (address: Address, before: Address) => void): void {
    this.#listeners.add(listener);
  }

  /** Begins to listen to the browser's back and forward buttons. */
  start(): void {
    window.addEventListener('popstate', () => {
      // A change that still waits was of a step that is no longer the one in view.
      this.#stopWaiting();
      this.#take(readAddress(location));
    });
  }

  /** Goes where a link leads, as a step, and tells whoever listens. */
  follow(url: URL): void {
    this.#flush();
    history.pushState(null, '', url);
    this.#take(readAddress(url));
  }

  /** Writes what has changed already. */
  write(change: Partial<Address>, how: How): void {
    const before = this.#href();
    this.#address = { ...this.#address, faults: [], ...change };
    if (how === 'replace' || this.#framed) {
      this.#stopWaiting();
      this.#waiting = window.setTimeout(() => this.#flush(), 150);
    } else {
      this.#flush(before);
      history.pushState(null, '', this.#href());
    }
  }

  /** Changes the address, and tells whoever listens. */
  go(change: Partial<Address>, how: How): void {
    const before = this.#address;
    this.write(withoutOther(change), how);
    for (const listener of this.#listeners) listener(this.#address, before);
  }

  #take(address: Address): void {
    const before = this.#address;
    this.#address = address;
    for (const listener of this.#listeners) listener(address, before);
  }

  #href(): string {
    return `${writeAddress(this.#address, location)}${location.hash}`;
  }

  #flush(href = this.#href()): void {
    if (this.#waiting === null) return;
    this.#stopWaiting();
    history.replaceState(null, '', href);
  }

  #stopWaiting(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
  }
}
