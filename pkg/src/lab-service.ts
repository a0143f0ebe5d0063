import type { FileEntry, Taker } from './fetch/bundle.js';
import { KeptStore } from './fetch/kept.js';
import { fetchWhole } from './fetch/whole.js';
import { type LabGlue, wasm } from './glue.js';
import type { Question, Targets } from './protocol.js';
import { type Call, missing, type OnBytes, Service } from './service.js';
import type { GameFile, KeptBundle } from './types.js';
import type { Recognition } from './wasm/lab/simd128/othello_lens.js';
import { Works } from './works.js';

/** Bytes of a file of games that are read at once. */
const PIECE = 1 << 22;

/** What a worker that runs the laboratory does for its page. */
export class LabService extends Service<LabGlue> {
  readonly #works = new Works();
  /** The bundle to which what is imported is added, unless that brings a model. */
  #base: { url: string; manifest: Uint8Array; modelFiles: [FileEntry, Uint8Array<ArrayBuffer>][] } | null =
    null;

  override async answer(question: Question, call: Call): Promise<unknown> {
    switch (question.what) {
      case 'games':
        return this.#games(question, call);
      case 'import':
        return this.#import(question, call);
      case 'base':
        return this.#takeBase(question.url, call);
      case 'keep':
        return this.#keep(question);
      case 'begin':
        return this.#begin(question, call);
      case 'advance':
        await this.#works.advance(question.work, call);
        return null;
      case 'step':
        return this.#works.call(question.work, question.method, question.args);
      case 'end':
        this.#works.end(question.work);
        return null;
      default:
        return super.answer(question, call);
    }
  }

  protected override target<T extends keyof Targets>(target: T): Targets[T] {
    if (target === 'lab' && !this.targets.lab) {
      // From here on the lens is its laboratory's.
      this.targets.lab = new this.glue.Lab(super.target('lens'));
      delete this.targets.lens;
    }
    return super.target(target);
  }

  /** Reads a file of games piece by piece: it need not fit into memory. */
  async #games(
    { file, readAs }: Extract<Question, { what: 'games' }>,
    { signal, tell }: Call,
  ): Promise<GameFile> {
    const { GameReader } = this.glue;
    const reader = await wasm(() => new GameReader(readAs));
    for (let at = 0; at < file.size; at += PIECE) {
      signal.throwIfAborted();
      tell({ phase: 'games', loaded: at, total: file.size });
      const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      if (!(await wasm(() => reader.push(piece)))) break;
    }
    return wasm(() => reader.finish());
  }

  /** Reads files of other people's tools and tells what they are. */
  async #import(
    { files }: Extract<Question, { what: 'import' }>,
    { signal, tell }: Call,
  ): Promise<Recognition> {
    const { Importer } = this.glue;
    const importer = await wasm(() => new Importer());
    try {
      for (const { path, file } of files) {
        signal.throwIfAborted();
        const onBytes: OnBytes = (loaded, total) => tell({ phase: 'files', loaded, total });
        const bytes =
          typeof file === 'string'
            ? await fetchWhole(path, file, onBytes, signal)
            : new Uint8Array(await file.arrayBuffer());
        await wasm(() => importer.add(path, bytes));
      }
      const found = await wasm(() => importer.recognise());
      this.targets.importer = importer;
      return found;
    } catch (error) {
      importer.free();
      throw error;
    }
  }

  /** Brings the model of the bundle at `url`, to which dictionaries and probes are to be added. */
  async #takeBase(url: string, { signal, tell }: Call): Promise<null> {
    const importer = this.target('importer');
    if (this.#base?.url === url) return null;
    const { BundleLoader } = this.glue;
    const { source, manifest } = await this.bundle(url, null, signal);
    const loader = await wasm(() => new BundleLoader(manifest));
    const files: [FileEntry, Uint8Array<ArrayBuffer>][] = [];
    const entries = await wasm(() => loader.files());
    const taker: Taker = {
      files: () => entries,
      add: async (index, bytes) => {
        await wasm(() => loader.add(index, bytes));
        files.push([entries[index] as FileEntry, Uint8Array.from(bytes)]);
      },
    };
    await source.fetchFiles(taker, (loaded, total) => tell({ phase: 'weights', loaded, total }), signal);
    await wasm(() => importer.takeBase(loader));
    this.#base = { url, manifest, modelFiles: files };
    return null;
  }

  /** Makes a bundle of what was imported, and keeps it. */
  async #keep({ request }: Extract<Question, { what: 'keep' }>): Promise<KeptBundle> {
    const importer = this.target('importer');
    const store = await KeptStore.open();
    const manifest = await wasm(() => importer.pack(request));
    const files = await wasm(() => importer.files());
    // What the bundle has beyond its own files is its base's.
    const base = (await wasm(() => importer.isAddition(request))) ? this.#base : null;
    async function* entries() {
      for (const [index, file] of files.entries())
        yield [file, await wasm(() => importer.take(index))] as const;
      yield* base?.modelFiles ?? [];
    }
    return store.put(manifest, entries(), { base: base?.url ?? null });
  }

  /** Begins work that takes several calls. */
  async #begin({ work, method, args }: Extract<Question, { what: 'begin' }>, call: Call): Promise<null> {
    const { Measuring, Studying } = this.glue;
    const begun = await this.call({ what: 'call', target: 'lab', method, args }, call);
    if (!(begun instanceof Measuring || begun instanceof Studying)) missing('work');
    this.#works.add(work, begun);
    // Nobody may know any more that it is there.
    if (call.signal.aborted) this.#works.end(work);
    return null;
  }
}
