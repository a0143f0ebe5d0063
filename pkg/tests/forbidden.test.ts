import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { request } from '../src/fetch/request.js';

const FAILED = new TypeError('Failed to fetch');
const url = 'https://elsewhere.test/models/small/manifest.json';
const connection = () => ({ signal: new AbortController().signal, touch: () => {} });
const ask = (address = url) => request({ name: 'manifest.json', url: address }, connection());

/** A page of that origin, whose events go to `page`. */
let page: EventTarget;
beforeEach(() => {
  page = new EventTarget();
  vi.stubGlobal('origin', 'https://here.test');
  vi.stubGlobal('location', new URL('https://here.test/'));
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});
afterEach(() => vi.unstubAllGlobals());

/** A browser that answers requests in turn. */
function browser(...answers: (Response | Error)[]) {
  const modes: (string | undefined)[] = [];
  vi.stubGlobal('fetch', (_: string, { mode }: RequestInit) => {
    modes.push(mode);
    const answer = answers.shift() ?? FAILED;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return modes;
}

const opaque = () => Object.defineProperty(new Response(), 'type', { value: 'opaque' });

it('an answer that no page of this origin may read is named', async () => {
  const modes = browser(FAILED, opaque(), FAILED);
  await expect(ask()).rejects.toMatchObject({
    code: 'blocked',
    details: { file: 'manifest.json', url, reason: 'cors' },
    message: expect.stringMatching(/https:\/\/here\.test .*CORS/),
  });
  expect(modes).toEqual([undefined, 'no-cors', undefined]);
});

it('a server that was away for a moment is not blamed', async () => {
  browser(FAILED, opaque(), new Response('{}'));
  expect(await (await ask()).text()).toBe('{}');
});

it('a server that is not there stays a broken connection', async () => {
  browser(FAILED, FAILED);
  await expect(ask()).rejects.toBe(FAILED);
});

it('a policy that stands against the address is named with its directive', async () => {
  vi.stubGlobal('fetch', async () => {
    setTimeout(() => {
      const told = { blockedURI: url, disposition: 'enforce', effectiveDirective: 'connect-src' };
      page.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), told));
    });
    throw FAILED;
  });
  await expect(ask()).rejects.toMatchObject({
    code: 'blocked',
    details: { reason: 'policy' },
    message: expect.stringContaining('connect-src'),
  });
});

it('a policy that only reports, or speaks of another address, is not blamed', async () => {
  vi.stubGlobal('fetch', async () => {
    for (const told of [
      { blockedURI: url, disposition: 'report', effectiveDirective: 'connect-src' },
      { blockedURI: 'https://third.test/', disposition: 'enforce', effectiveDirective: 'img-src' },
    ])
      page.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), told));
    throw FAILED;
  });
  await expect(ask()).rejects.toBe(FAILED);
});

it('plain http below a page of https is named, but for the own machine', async () => {
  browser(FAILED, FAILED);
  await expect(ask('http://elsewhere.test/manifest.json')).rejects.toMatchObject({
    code: 'blocked',
    details: { reason: 'mixed_content' },
  });
  browser(FAILED, FAILED);
  await expect(ask('http://127.0.0.1:8080/manifest.json')).rejects.toBe(FAILED);
});
