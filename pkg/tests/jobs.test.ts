import { expect, it } from 'vitest';

import { Jobs } from '../src/jobs.js';

/** A job that ends when it is told to, or called off. */
class Work {
  started = 0;
  stopped = 0;
  tell: (loaded: number, total: number) => void = () => {};
  end: () => void = () => {};
  fail: (why: Error) => void = () => {};

  readonly run = (tell: Work['tell'], signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      this.started += 1;
      Object.assign(this, { tell, end: resolve, fail: reject });
      signal.addEventListener('abort', () => {
        this.stopped += 1;
        reject(signal.reason as Error);
      });
    });
}

const NEVER = new AbortController().signal;

it('does a job once for all who wait, and tells each of them', async () => {
  const jobs = new Jobs();
  const work = new Work();
  const told: number[] = [];
  const onBytes = (loaded: number) => told.push(loaded);
  const waits = [jobs.wait('a', work.run, onBytes, NEVER), jobs.wait('a', work.run, onBytes, NEVER)];
  work.tell(7, 9);
  work.end();
  await Promise.all(waits);
  expect(work.started).toBe(1);
  expect(told).toEqual([7, 7]);
});

it('ends the wait of one who aborts at once, and that one alone', async () => {
  const jobs = new Jobs();
  const work = new Work();
  const controller = new AbortController();
  const first = jobs.wait('a', work.run, () => {}, controller.signal);
  const second = jobs.wait('a', work.run, () => {}, NEVER);
  controller.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect(work.stopped).toBe(0);
  work.end();
  await second;
});

it('calls a job off when nobody waits any more, and does it anew for the next', async () => {
  const jobs = new Jobs();
  const work = new Work();
  const controller = new AbortController();
  const first = jobs.wait('a', work.run, () => {}, controller.signal);
  controller.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect(work.stopped).toBe(1);
  const second = jobs.wait('a', work.run, () => {}, NEVER);
  expect(work.started).toBe(2);
  work.end();
  await second;
});

it('fails for all who wait, and is tried again by the next', async () => {
  const jobs = new Jobs();
  const work = new Work();
  const waits = [jobs.wait('a', work.run, () => {}, NEVER), jobs.wait('a', work.run, () => {}, NEVER)];
  work.fail(new Error('gone'));
  for (const wait of waits) await expect(wait).rejects.toThrow('gone');
  const next = jobs.wait('a', work.run, () => {}, NEVER);
  work.end();
  await next;
  expect(work.started).toBe(2);
});
