/** Why a browser forbids a request, or keeps the answer to itself. */
export interface Forbidden {
  reason: 'cors' | 'policy' | 'mixed_content';
  /** In words. */
  why: string;
}

/** How long a browser may take to tell of a policy, and a server to show that it is there, in milliseconds. */
const TOLD_WITHIN = 50;
const ANSWERS_WITHIN = 700;

/** Notes whether a content security policy stands against something while it is tried. */
export class PolicyWatch {
  readonly #concerns: (violation: SecurityPolicyViolationEvent) => boolean;
  #directive: string | null = null;
  #told: () => void = () => {};

  private constructor(concerns: (violation: SecurityPolicyViolationEvent) => boolean) {
    this.#concerns = concerns;
    globalThis.addEventListener?.('securitypolicyviolation', this.#note);
  }

  /** Of a request to `url`. */
  static ofRequest(url: string): PolicyWatch {
    const address = new URL(url);
    address.hash = '';
    return new PolicyWatch(({ blockedURI }) => [address.href, address.origin].includes(blockedURI));
  }

  /** Of a worker that is started. Its address may be one that the event does not tell. */
  static ofWorker(): PolicyWatch {
    return new PolicyWatch(({ effectiveDirective }) => effectiveDirective === 'worker-src');
  }

  /** The directive that stands against it; null if none does. A browser tells of it after the refusal. */
  async directive(): Promise<string | null> {
    if (this.#directive === null && 'addEventListener' in globalThis) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        setTimeout(resolve, TOLD_WITHIN);
      });
    }
    return this.#directive;
  }

  end(): void {
    globalThis.removeEventListener?.('securitypolicyviolation', this.#note);
  }

  readonly #note = (violation: SecurityPolicyViolationEvent) => {
    if (violation.disposition !== 'enforce' || !this.#concerns(violation)) return;
    this.#directive = violation.effectiveDirective;
    this.#told();
  };
}

/** Why a request to `url` that brought nothing is forbidden; null if, for all that can be found out, it is not. */
export async function forbidden(url: string, policy: PolicyWatch): Promise<Forbidden | null> {
  const { origin, protocol } = new URL(url);
  const directive = await policy.directive();
  if (directive) {
    const why = `the content security policy of this page forbids ${origin} (${directive}).`;
    return { reason: 'policy', why };
  }
  // Where there is no page, nothing is of another origin.
  const page = globalThis.location?.protocol === undefined ? null : globalThis.origin;
  if (page === null) return null;
  if (page.startsWith('https:') && protocol === 'http:' && !isLocal(url)) {
    const why = `a page of https may not read ${origin}, which is not encrypted.`;
    return { reason: 'mixed_content', why };
  }
  if (await answersUnread(url)) {
    const why = `the server answers, but does not allow pages of ${page} to read it (CORS): it sends no matching Access-Control-Allow-Origin.`;
    return { reason: 'cors', why };
  }
  return null;
}

/** Whether a server answers to a request whose answer no page may read. */
async function answersUnread(url: string): Promise<boolean> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ANSWERS_WITHIN);
  try {
    const { signal } = controller;
    const { type } = await fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal });
    // Of the page's own origin, unless it redirects elsewhere, an answer would be open.
    return type === 'opaque';
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Browsers trust what does not leave the machine. */
function isLocal(url: string): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
