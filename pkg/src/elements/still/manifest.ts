import { LensError } from '../../error.js';
import { fetchManifest, MANIFEST } from '../../fetch/manifest.js';
import { PATIENCE } from '../../fetch/retry.js';
import type { RemoteFile } from './remote-tensors.js';

/** What of a manifest a still picture is drawn from. */
export interface StillManifest {
  name: string;
  dictionaries: StillDictionary[];
  /** The identity dictionaries on whose features something was measured. */
  neurons?: StillDictionary[];
}

/** A dictionary as its manifest lists it. */
export interface StillDictionary {
  id: string;
  config: {
    reads: string[];
    writes: string[];
    features: number;
    architecture: { kind: string };
    tied?: boolean;
  };
  metrics?: Record<string, number>;
  cards?: Measured;
  statistics?: Measured;
}

/** A file of what was measured, and over what. */
export interface Measured {
  games: number;
  seed: number;
  positions: number;
  file: { path: string; bytes: number; sha256: string };
}

/** A bundle as far as its manifest tells of it. */
export class StillBundle {
  private constructor(
    readonly manifest: StillManifest,
    /** The address of the manifest. */
    readonly url: URL,
  ) {}

  /** The bundle at `address`, the folder's or its manifest's; its manifest is fetched once a page. */
  static at(address: string): Promise<StillBundle> {
    const known = bundles.get(address);
    if (known) return known;
    const bundle = StillBundle.#fetch(address);
    bundles.set(address, bundle);
    // Whoever asks next tries again.
    bundle.catch(() => bundles.delete(address));
    return bundle;
  }

  static async #fetch(address: string): Promise<StillBundle> {
    const url = new URL(address);
    if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/?$/, '/')}${MANIFEST}`;
    const bytes = await fetchManifest(url.href, PATIENCE);
    return new StillBundle(parse(new TextDecoder().decode(bytes), url), url);
  }

  /**
   * The dictionary of an id.
   *
   * @throws a `LensError`, `no_such_dictionary`, that names it.
   */
  dictionary(id: string): StillDictionary {
    const { dictionaries, neurons = [] } = this.manifest;
    const found = [...dictionaries, ...neurons].find((dictionary) => dictionary.id === id);
    if (found) return found;
    throw new LensError(
      'no_such_dictionary',
      `The bundle ${this.manifest.name} has no dictionary “${id}”. It has ${dictionaries.length}, such as ${dictionaries[0]?.id ?? 'none'}.`,
    );
  }

  /** Where a file of the bundle is. */
  file({ path, bytes }: Measured['file']): RemoteFile {
    const url = new URL(path, this.url);
    url.search = this.url.search;
    return { name: path, url: url.href, bytes };
  }
}

const bundles = new Map<string, Promise<StillBundle>>();

function parse(text: string, url: URL): StillManifest {
  const refuse = (why: string) =>
    new LensError('bad_manifest', `${MANIFEST} cannot be read: ${why}.`, { file: MANIFEST, url: url.href });
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const { format, dictionaries } = (manifest ?? {}) as { format?: unknown; dictionaries?: unknown };
  const major = typeof format === 'string' ? Number.parseInt(format, 10) : Number.NaN;
  if (Number.isNaN(major)) throw refuse('it names no format');
  if (major !== 2) {
    const code = major > 2 ? 'newer_format' : 'older_format';
    throw new LensError(code, `The bundle has the format ${format}; this version reads 2.`, {
      url: url.href,
    });
  }
  if (!Array.isArray(dictionaries)) throw refuse('it has no list of dictionaries');
  return manifest as StillManifest;
}
