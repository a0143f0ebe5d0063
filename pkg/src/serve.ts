import { toPlain } from './error.js';
import type { Answer, Ask, Question } from './protocol.js';
import type { Call } from './service.js';
import type { Progress } from './types.js';

/** Arrays of fewer bytes are copied sooner than handed over. */
const LARGE = 4096;

/** What answers a page's questions. */
interface Answering {
  answer(question: Question, call: Call): Promise<unknown>;
}

/** Lets `service` answer what the page asks of this worker. */
export function serve(service: Answering): void {
  const calls = new Map<number, AbortController>();

  addEventListener('message', ({ data }: MessageEvent<Ask>) => {
    if (data.what === 'abort') calls.get(data.id)?.abort();
    else void answer(data.id, data);
  });

  /** Answers a question: the page what comes of a question. */
  async function answer(id: number, question: Question): Promise<void> {
    const controller = new AbortController();
    calls.set(id, controller);
    const { signal } = controller;
    const tell = (progress: Progress) => {
      if (!signal.aborted) send({ id, progress });
    };
    try {
      const value = await service.answer(question, { signal, tell });
      send({ id, value }, buffers(value));
    } catch (thrown) {
      send({ id, error: toPlain(thrown) });
    } finally {
      calls.delete(id);
    }
  }
}

function send(answer: Answer, transfer: ArrayBuffer[] = []): void {
  postMessage(answer, { transfer });
}

/** The memory of the large arrays within `value`, which goes to the page without a copy. */
function buffers(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!ArrayBuffer.isView(value)) return Object.values(value).flatMap(buffers);
  return value.buffer instanceof ArrayBuffer && value.byteLength >= LARGE ? [value.buffer] : [];
}
