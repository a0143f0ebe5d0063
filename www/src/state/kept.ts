import { type KeptBundle, keptBundles, keptFiles, removeKept } from 'othello-lens';

import { keptBundle } from './bundles.js';

/** The bundles that this browser keeps. Whoever made it is told whenever there are others. */
export class Kept {
  all: readonly KeptBundle[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Finds out which there are. */
  async load(): Promise<void> {
    this.all = await keptBundles();
    for (const each of this.all) keptBundle(each);
    this.#changed();
  }

  async remove({ address }: KeptBundle): Promise<void> {
    await removeKept(address);
    await this.load();
  }
}

/** Hands a kept bundle to the reader as a zip: unpacked beside a page, it is a bundle like any other. */
export async function download({ address, name }: KeptBundle): Promise<void> {
  const [files, { downloadZip }] = await Promise.all([keptFiles(address), import('client-zip')]);
  const folder = name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'bundle';
  const entries = files.map(({ path, file }) => ({ name: `${folder}/${path}`, input: file }));
  const url = URL.createObjectURL(await downloadZip(entries).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${folder}.zip`;
  link.click();
  URL.revokeObjectURL(url);
}
