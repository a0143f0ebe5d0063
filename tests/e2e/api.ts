import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Frame, type Page } from '@playwright/test';
import type * as Api from 'othello-lens';

import { StaticServer } from '../support/static-server.js';

export { expect };

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BUNDLE = path.join(root, 'models/small');

/** What came of a call: a value, or what can be told of the error. */
export type Outcome<T> =
  | { value: T; error?: never }
  | {
      value?: never;
      error: { name: string; code?: string; message: string; details?: Api.LensErrorDetails };
    };

declare global {
  /** The package, in the page. */
  var api: typeof Api;
}

interface Fixtures {
  /** Serves the package at /pkg/, the default bundle at /models/small/ and a tiny one at /models/tiny/. */
  host: StaticServer;
  /** Serves the default bundle at /models/small/ of another origin. */
  elsewhere: StaticServer;
  /** Opens a page with nothing on it but the package, as `api`. */
  open: () => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  host: async ({}, use) => {
    const host = await StaticServer.start({
      '/': path.join(root, 'tests/support/page'),
      '/pkg/': path.join(root, 'pkg/dist'),
      '/models/small/': BUNDLE,
      '/models/tiny/': path.join(root, 'tests/data/tiny'),
    });
    await use(host);
    await host.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  elsewhere: async ({}, use) => {
    const elsewhere = await StaticServer.start({ '/models/small/': BUNDLE });
    await use(elsewhere);
    await elsewhere.close();
  },
  open: async ({ context, host }, use) => {
    await use(async () => {
      const page = await context.newPage();
      await page.goto(`${host.origin}/`);
      await page.locator('html[data-ready]').waitFor({ state: 'attached' });
      return page;
    });
  },
});

/** Runs `call` in the page; an error comes back as data, since Playwright keeps its text alone. */
export function attempt<T, A>(
  page: Page | Frame,
  call: (argument: A) => Promise<T>,
  argument: A,
): Promise<Outcome<T>>;
export function attempt<T>(page: Page | Frame, call: () => Promise<T>): Promise<Outcome<T>>;
export function attempt<T>(
  page: Page | Frame,
  call: (argument: unknown) => Promise<T>,
  argument?: unknown,
): Promise<Outcome<T>> {
  return page.evaluate(`(async () => {
    try {
      return { value: await (${call.toString()})(${JSON.stringify(argument)}) };
    } catch ({ name, message, code, details }) {
      return { error: { name, message, code, details } };
    }
  })()`);
}

/** Loads the default bundle and says what became of it. */
export function load(page: Page | Frame, options: Api.LoadOptions = {}) {
  return attempt(
    page,
    async (options) => {
      const lens = await api.Lens.load('/models/small/', options);
      const { nextMoves, features } = await lens.analyse('f5d6c3', {
        dictionary: lens.dictionaries[0]?.id ?? null,
      });
      const { engine } = lens;
      lens.dispose();
      return { engine, plies: nextMoves.length, features: features?.shape };
    },
    options,
  );
}

interface Entry {
  path: string;
  bytes: number;
  sha256: string;
}

interface Manifest {
  format: string;
  model: { config: { layers: number; d_model: number }; files: [Entry, ...Entry[]] };
  dictionaries: { id: string; config: { features: number }; files: [Entry, ...Entry[]] }[];
}

/** The manifest of the default bundle. */
export function manifest(): Manifest {
  return JSON.parse(readFileSync(path.join(BUNDLE, 'manifest.json'), 'utf8')) as Manifest;
}

/** Features of the default bundle's first dictionary. */
export const FEATURES = manifest().dictionaries[0]?.config.features ?? 0;

/** The file of its weights. */
export const WEIGHTS = manifest().dictionaries[0]?.files[0].path ?? '';

/** Width of the default bundle's residual stream. */
export const D_MODEL = manifest().model.config.d_model;

/** The first shard of the default bundle. */
export const SHARD = manifest().model.files[0];

export function shard(): Buffer {
  return readFileSync(path.join(BUNDLE, SHARD.path));
}

/** Serves `bytes` as the first shard, with a manifest that gives their true length and hash. */
export function serveShard(host: StaticServer, bytes: Buffer): void {
  const changed = manifest();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = { path: `model-0-${sha256.slice(0, 8)}.safetensors`, bytes: bytes.length, sha256 };
  changed.model.files[0] = entry;
  host.fail(/manifest\.json$/, { body: Buffer.from(JSON.stringify(changed)) });
  host.fail(new RegExp(entry.path), { body: bytes });
}
