import type { Store } from '../src/fetch/store.js';

/** Keeps parts as the Cache API does, as long as the test runs. */
export class MemoryStore implements Store {
  readonly parts = new Map<string, Uint8Array>();

  async *read(sha256: string) {
    for (let offset = 0, part: Uint8Array | undefined; ; offset += part.length) {
      part = this.parts.get(`${sha256}/${offset}`);
      if (!part) return;
      yield part;
    }
  }

  async write(sha256: string, offset: number, bytes: Uint8Array) {
    this.parts.set(`${sha256}/${offset}`, bytes);
  }

  async drop(sha256: string) {
    for (const key of this.parts.keys()) if (key.startsWith(sha256)) this.parts.delete(key);
  }

  get bytes(): number {
    return [...this.parts.values()].reduce((sum, part) => sum + part.length, 0);
  }
}
