/** The Trusted Types policy for the address of the service worker. */
const POLICY = 'othello-lens-page';

/** What the page has loaded by then, nothing of its start competes with. */
const STARTED = 'live';
/** Where the start takes longer, or never ends, in milliseconds. */
const AT_LATEST = 90_000;

/**
 * Lets the page open without a network after this visit: a service worker keeps its shell, and what of the
 * program it has loaded. Weights are kept by the package itself. Nothing happens where service workers are not
 * to be had, such as in private windows; the page is the same without.
 */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  await started();
  try {
    const url = new URL('service-worker.js', document.baseURI).href;
    await navigator.serviceWorker.register(trusted(url) as string, { updateViaCache: 'none' });
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    active?.postMessage({ type: 'keep', urls: loaded.filter((name) => name.endsWith('.wasm')) });
  } catch {
    // A browser that refuses: the page needs the network each time.
  }
}

/** Waits until the model is at work. */
function started(): Promise<void> {
  return new Promise((resolve) => {
    const isThere = () => performance.getEntriesByName(STARTED).length > 0;
    if (isThere()) return resolve();
    const end = () => {
      observer.disconnect();
      clearTimeout(timer);
      resolve();
    };
    const observer = new PerformanceObserver(() => isThere() && end());
    observer.observe({ type: 'mark' });
    const timer = setTimeout(end, AT_LATEST);
  });
}

interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** `url`, marked as ours under `require-trusted-types-for 'script'`. */
function trusted(url: string): unknown {
  const factory: PolicyFactory | undefined = Reflect.get(globalThis, 'trustedTypes');
  return factory?.createPolicy(POLICY, { createScriptURL: (url) => url }).createScriptURL(url) ?? url;
}
