import { clientsClaim, setCacheNameDetails } from 'workbox-core';
import { cleanupOutdatedCaches, matchPrecache, type PrecacheEntry, precache } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope & {
  /** The builds of the program that this version of the page has, each for another kind of browser. */
  __PROGRAMS: string[];
};

/** What the page asks its service worker for. */
interface KeepMessage {
  type: 'keep';
  /** Files that it has loaded and that are too large to be fetched unasked, such as the program. */
  urls: string[];
}

/** How long a server may take with a page before the one that is kept is shown, in milliseconds. */
const PATIENCE = 4000;

setCacheNameDetails({ prefix: 'othello-lens-page', suffix: 'v1' });
const USED = 'othello-lens-page-used-v1';
/** The files whose names carry their hash: what is kept of them is what the server has. */
const HASHED = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/;

// Another version waits until no page of this one is open: pages load parts of themselves later, and these
// have to be of their own version. Pages come from the network where there is one, so nobody waits for it.
const shell = self.__WB_MANIFEST as PrecacheEntry[];
const programs = new Set(self.__PROGRAMS.map((file) => new URL(file, self.registration.scope).href));
precache(shell);
cleanupOutdatedCaches();
clientsClaim();

self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (HASHED.test(pathname) || isShell(request.url)) event.respondWith(kept(request));
});

self.addEventListener('message', (event: ExtendableMessageEvent) => {
  // No other origin can send one: its pages have other service workers.
  const message = event.data as KeepMessage | null;
  if (message?.type === 'keep') event.waitUntil(keep(message.urls));
});

/** The page from the network; where there is none, or it takes too long, the one that is kept. */
async function page(request: Request): Promise<Response> {
  const known = await matchPrecache(view(request.url));
  const answer = fetch(request);
  if (!known) return answer;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE, known));
  return Promise.race([answer.catch(() => known), late]);
}

/** The file of a page: `index.html` of a folder, and nothing of the query. */
function view(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.endsWith('/') ? `${pathname}index.html` : pathname}`;
}

/** A file that is kept, else from the network; of programs, what has come from there is kept. */
async function kept(request: Request): Promise<Response> {
  const known = (await matchPrecache(request)) ?? (await caches.match(request, { cacheName: USED }));
  if (known) return known;
  const answer = await fetch(request);
  if (programs.has(request.url) && answer.status === 200) {
    const copy = answer.clone();
    // The page does not wait for it, and lives on where there is no room.
    void caches
      .open(USED)
      .then((cache) => cache.put(request, copy))
      .catch(() => {});
  }
  return answer;
}

function isShell(url: string): boolean {
  return shell.some((entry) => new URL(entry.url, self.location.href).href === url);
}

/** Keeps files that a page has loaded; the browser still has most of them. */
async function keep(urls: string[]): Promise<void> {
  const cache = await caches.open(USED);
  for (const url of urls) if (programs.has(url) && !(await cache.match(url))) await cache.add(url);
}

/** Forgets the programs of other versions; a page may have asked for one of this version to be kept by now. */
async function forgetOthers(): Promise<void> {
  const cache = await caches.open(USED);
  for (const request of await cache.keys()) if (!programs.has(request.url)) await cache.delete(request);
}
