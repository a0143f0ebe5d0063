import { LensError } from '../error.js';
import { download } from '../fetch/download.js';
import { isKept, KeptSource } from '../fetch/kept.js';
import { fetchManifest, MANIFEST } from '../fetch/manifest.js';
import { checkStatus, request } from '../fetch/request.js';
import { PATIENCE } from '../fetch/retry.js';
import { openStore } from '../fetch/store.js';
import { BUNDLE, HOLDER, WASM, WORKER } from './held.js';

/** An element that is to be saved. */
export interface SavedElement {
  /** Its tag, `othello-feature`. */
  tag: string;
  /** Its attributes; `bundle` is among them. */
  attributes: Readonly<Record<string, string>>;
}

/** How an element is to be saved. */
export interface SaveOptions {
  /** The page's title. */
  title: string;
  /** What is shown to readers without scripts. */
  still?: string;
  signal?: AbortSignal;
  /** Told of the bytes that are here of those that are needed. */
  onProgress?: (loaded: number, total: number) => void;
}

/** A file as manifests list it. */
interface Entry {
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * A page of HTML that is one file: an element with the engine, the model and the dictionary that its attributes
 * name. It works without a network and from a disk, where browsers load no modules beside a page. What the browser
 * has of the weights already is not downloaded again.
 *
 * @throws a `LensError`, as `Lens.load` does; `no_such_dictionary` where the bundle does not have the one named.
 */
export async function saveAsOneFile(element: SavedElement, options: SaveOptions): Promise<Blob> {
  const { signal, onProgress } = options;
  const { bundle, dictionary } = element.attributes;
  if (bundle === undefined) throw new LensError('bad_argument', 'The element names no bundle.');
  // A bundle that this browser keeps has no address that others could ask.
  const kept = isKept(bundle) ? new KeptSource(bundle) : null;
  const address = kept ? new URL(MANIFEST, BUNDLE) : manifestAddress(bundle);
  const whole = await (kept?.fetchManifest() ?? fetchManifest(address.href, PATIENCE, signal));
  const manifest = reduced(whole, dictionary ?? null);
  const entries = listFiles(manifest);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  const files: Record<string, Blob> = {
    [address.href]: new Blob([JSON.stringify(manifest)]),
    [WASM]: await own(new URL('./othello_lab_simd128.wasm', import.meta.url), signal),
    [WORKER]: await own(new URL('./single-file/worker.js', import.meta.url), signal),
  };
  const urlOf = (path: string) => {
    const url = new URL(path, address);
    url.search = address.search;
    return url.href;
  };
  if (kept) {
    const add = (index: number, bytes: Uint8Array) => {
      files[urlOf(entries[index]?.path ?? '')] = new Blob([Uint8Array.from(bytes)]);
    };
    await kept.fetchFiles({ files: () => entries, add }, (loaded) => onProgress?.(loaded, total), signal);
  } else {
    const store = await openStore();
    for (const { path, bytes, sha256 } of entries) {
      const url = urlOf(path);
      const before = loaded;
      const onBytes = (received: number) => {
        loaded = before + received;
        onProgress?.(loaded, total);
      };
      const file = { name: path, url, bytes, sha256 };
      files[url] = new Blob([await download(file, { store, onBytes, ...(signal && { signal }) })]);
    }
  }
  const script = await (await own(new URL('./single-file/page.js', import.meta.url), signal)).text();
  const attributes = { ...element.attributes, bundle: kept ? BUNDLE : bundle };
  return compose({ ...element, attributes }, options, files, script);
}

function manifestAddress(bundle: string): URL {
  const url = new URL(bundle, document.baseURI);
  if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/?$/, '/')}${MANIFEST}`;
  return url;
}

/** The manifest without the dictionaries that are not needed. */
function reduced(bytes: Uint8Array, dictionary: string | null): object {
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as {
    dictionaries: { id: string }[];
    neurons?: { id: string }[];
  };
  const dictionaries = manifest.dictionaries.filter(({ id }) => id === dictionary);
  const neurons = manifest.neurons?.filter(({ id }) => id === dictionary);
  // Neurons are of every bundle.
  if (dictionary !== null && dictionaries.length === 0 && !dictionary.endsWith('-identity'))
    throw new LensError('no_such_dictionary', `The bundle has no dictionary “${dictionary}”.`);
  return { ...manifest, dictionaries, ...(neurons && { neurons }) };
}

/** The files that a manifest lists, wherever it does. */
function listFiles(node: unknown): Entry[] {
  if (typeof node !== 'object' || node === null) return [];
  const { path, bytes, sha256 } = node as Partial<Entry>;
  if (typeof path === 'string' && typeof bytes === 'number' && typeof sha256 === 'string')
    return [{ path, bytes, sha256 }];
  return Object.values(node).flatMap(listFiles);
}

/** A file of the package. */
async function own(url: URL, signal: AbortSignal = new AbortController().signal): Promise<Blob> {
  const response = await request({ name: 'The program', url: url.href }, { signal, touch() {} });
  checkStatus(response, 'The program');
  return response.blob();
}

async function compose(
  { tag, attributes }: SavedElement,
  { title, still = '' }: SaveOptions,
  files: Record<string, Blob>,
  script: string,
): Promise<Blob> {
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = 'en';
  const charset = page.createElement('meta');
  charset.setAttribute('charset', 'utf-8');
  const viewport = page.createElement('meta');
  viewport.name = 'viewport';
  viewport.content = 'width=device-width, initial-scale=1';
  page.head.prepend(charset, viewport);
  const style = page.createElement('style');
  style.textContent =
    ':root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}body{max-width:960px;margin:24px auto;padding:0 16px}';
  const element = page.createElement(tag);
  const { bundle = '' } = attributes;
  const all = { ...attributes, bundle: new URL(bundle, document.baseURI).href };
  for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
  element.append(Object.assign(page.createElement('p'), { textContent: still }));
  const main = page.createElement('main');
  main.append(element);
  page.head.append(style);
  page.body.append(main);
  const [before = '', after = ''] = page.documentElement.outerHTML.split('</body>');
  const held = await Promise.all(
    Object.entries(files).map(
      async ([address, blob]) => `${JSON.stringify(address)}:"${await base64(blob)}"`,
    ),
  );
  return new Blob(
    [
      '<!doctype html>\n',
      before,
      `<script type="application/json" id="${HOLDER}">{${held.map(inert).join(',')}}</script>\n`,
      '<script>',
      // Within a script, only its own end and the beginning of a comment would be read as HTML.
      inert(script),
      '</script>\n</body>',
      after,
    ],
    { type: 'text/html' },
  );
}

/** `script` without what would end the element that it stands in; in strings both are the same. */
function inert(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, '\\x3C');
}

/** The bytes of `blob` in base64. */
function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
