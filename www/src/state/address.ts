import type { Device } from 'othello-lens';

/** What the page's address says: what two people need to see the same position and feature. */
export interface Address {
  /** The moves, as typed. */
  transcript: string;
  /** The ply shown; null is where a game opens: its last or, of a game that is over, an earlier one. */
  ply: number | null;
  /** Id of the SAE; null is the bundle's first. */
  sae: string | null;
  /** The pinned feature. */
  feature: number | null;
  /** Features below this share of their maximum are hidden. */
  threshold: number;
  device: Device;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** Reads an address; what makes no sense is as if it were not there. */
export function readAddress(search: string): Address {
  const query = new URLSearchParams(search);
  const device = query.get('device');
  return {
    transcript: query.get('transcript') ?? '',
    ply: wholeNumber(query.get('ply')),
    sae: query.get('sae'),
    feature: wholeNumber(query.get('feature')),
    threshold: Math.min(90, wholeNumber(query.get('threshold')) ?? 0) / 100,
    device: device === 'gpu' || device === 'cpu' ? device : 'auto',
  };
}

/** The query that `readAddress` reads back. Keys that are not ours stay. */
export function writeAddress(address: Address, search: string): string {
  const query = new URLSearchParams(search);
  const set = (key: string, value: string | null) =>
    value === null ? query.delete(key) : query.set(key, value);
  set('transcript', address.transcript || null);
  set('ply', address.ply?.toString() ?? null);
  set('sae', address.sae);
  set('feature', address.feature?.toString() ?? null);
  set('threshold', address.threshold > 0 ? Math.round(100 * address.threshold).toString() : null);
  set('device', address.device === 'auto' ? null : address.device);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The address bar. Browsers refuse many changes in a row, as scrubbing would make: those wait a little. */
export class AddressBar {
  #waiting: { url: string; timer: number } | null = null;

  /** A step that the back button undoes. */
  push(url: string): void {
    this.#flush();
    history.pushState(null, '', url);
  }

  /** A change within the step. */
  replace(url: string): void {
    if (this.#waiting) clearTimeout(this.#waiting.timer);
    this.#waiting = { url, timer: window.setTimeout(() => this.#flush(), 150) };
  }

  /** Drops a change that still waits: it was of a step that is no longer the one in view. */
  forget(): void {
    if (this.#waiting) clearTimeout(this.#waiting.timer);
    this.#waiting = null;
  }

  #flush(): void {
    if (!this.#waiting) return;
    clearTimeout(this.#waiting.timer);
    history.replaceState(null, '', this.#waiting.url);
    this.#waiting = null;
  }
}
