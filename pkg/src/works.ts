import { LensError } from './error.js';
import { wasm } from './glue.js';
import type { Work, WorkId } from './protocol.js';
import type { Call } from './service.js';

/** What a worker has begun and not ended, such as a measurement. */
export class Works {
  readonly #works = new Map<WorkId, Work>();

  /** Keeps what was begun. */
  add(id: WorkId, work: Work): void {
    this.#works.set(id, work);
  }

  /** Goes on until this worker's share of what can be done now is done; other calls have their turn now and then. */
  async advance(id: WorkId, { signal, tell }: Call): Promise<void> {
    const work = this.#get(id);
    for (;;) {
      signal.throwIfAborted();
      const phase = work.stage();
      if (phase !== 'whole') tell({ phase, loaded: work.done(), total: work.total() });
      if (!(await wasm(() => work.advance()))) break;
      await messages();
    }
  }

  /** Calls a method of what was begun. */
  call(id: WorkId, method: string, args: readonly unknown[]): Promise<unknown> {
    const work = this.#get(id);
    return wasm(() => Reflect.apply(Reflect.get(work, method), work, args));
  }

  /** Frees what was begun, if it is there. */
  end(id: WorkId): void {
    this.#works.get(id)?.free();
    this.#works.delete(id);
  }

  #get(id: WorkId): Work {
    const work = this.#works.get(id);
    if (!work) throw new LensError('internal', `the worker was asked for work ${id}, which it does not have`);
    return work;
  }
}

/** Waits until the worker has read the messages that are there. */
function messages(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
