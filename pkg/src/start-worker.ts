import { type Program, WORKER_TYPE, workerAddress } from './addresses.js';
import { LensError } from './error.js';

/** The name of the Trusted Types policy, which a page that restricts policies has to allow. */
const POLICY = 'othello-lens';

/** What this package uses of the browser's `TrustedTypePolicyFactory`, which not every browser has. */
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

/** Marks the addresses that scripts may come from. What it makes passes for a string in the DOM's types. */
interface Policy {
  createScriptURL(url: string): string;
}

/** Refuses to go on where there are no workers: on a server, in some browsers inside a worker. */
export function requireWorkers(): void {
  if (typeof Worker === 'function') return;
  throw new LensError('needs_browser', 'This package runs in a browser: there is no `Worker` here.');
}

/** What relative addresses are relative to: the page's base, inside a worker its script. */
export function baseAddress(): string {
  requireWorkers();
  return typeof document === 'undefined' ? location.href : document.baseURI;
}

/** Starts a worker of the package, from a page or a worker of any origin. */
export function startWorker(program: Program): Worker {
  requireWorkers();
  const url = workerAddress(program);
  try {
    return new Worker(trusted(startAddress(url)), { type: WORKER_TYPE });
  } catch (cause) {
    // A policy of the page or the browser may forbid workers.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LensError(
      'wasm_failed',
      `The worker's script ${url.href} could not be started: ${why}`,
      { url: url.href },
      { cause },
    );
  }
}

/**
 * The address to start `script` from. A browser refuses to start a worker from another origin, but a
 * module of the page's own may import one from anywhere. A page without an origin, such as a sandboxed
 * frame, has no module of its own but one in its address.
 */
function startAddress(script: URL): string {
  // That of `location` would be wrong: a sandboxed page has an address and no origin.
  const { origin } = globalThis;
  if (script.origin === origin) return script.href;
  const trampoline = `import ${JSON.stringify(script.href)};`;
  if (origin === 'null') return `data:text/javascript,${encodeURIComponent(trampoline)}`;
  return URL.createObjectURL(new Blob([trampoline], { type: 'text/javascript' }));
}

let policy: Policy | null = null;

/** `url`, marked as ours under `require-trusted-types-for 'script'`. */
function trusted(url: string): string {
  const factory: PolicyFactory | undefined = Reflect.get(globalThis, 'trustedTypes');
  if (!factory) return url;
  policy ??= factory.createPolicy(POLICY, { createScriptURL: (url) => url });
  return policy.createScriptURL(url);
}
