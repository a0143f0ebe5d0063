import { unlessAborted } from './abort.js';

/** Told how many bytes are here, and of how many. */
type OnBytes = (loaded: number, total: number) => void;

/** Does a job; `signal` says that nobody waits for it any more. */
type Work = (onBytes: OnBytes, signal: AbortSignal) => Promise<void>;

interface Job {
  done: Promise<void>;
  /** Who waits for it. */
  waiting: Set<OnBytes>;
  /** Ends it, if it has not ended. */
  stop: () => void;
}

/** Does each job once, however many wait for it; one that nobody waits for any more ends early. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();

  /** Waits for the job `id`, which `work` does unless it is under way. `signal` ends this wait alone. */
  async wait(id: string, work: Work, onBytes: OnBytes, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const job = this.#jobs.get(id) ?? this.#start(id, work);
    // A function of this wait's own: two may be told by the same one.
    const told: OnBytes = (loaded, total) => onBytes(loaded, total);
    job.waiting.add(told);
    try {
      await unlessAborted(job.done, signal);
    } finally {
      job.waiting.delete(told);
      if (job.waiting.size === 0) job.stop();
    }
  }

  #start(id: string, work: Work): Job {
    const controller = new AbortController();
    const waiting = new Set<OnBytes>();
    const tell: OnBytes = (loaded, total) => {
      for (const told of waiting) told(loaded, total);
    };
    const stop = () => {
      // Who asks from now on does not get the one that was called off.
      if (this.#jobs.get(id) === job) this.#jobs.delete(id);
      controller.abort();
    };
    const job = { done: work(tell, controller.signal), waiting, stop };
    this.#jobs.set(id, job);
    return job;
  }
}
