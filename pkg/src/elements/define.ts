/** The version of the package, which the build fills in. */
declare const OTHELLO_LENS_VERSION: string | undefined;

/** The version of the package that these elements are of. */
export const VERSION = typeof OTHELLO_LENS_VERSION === 'string' ? OTHELLO_LENS_VERSION : 'source';

/** A class of this package, of whichever version. */
interface Versioned {
  readonly version?: string;
}

/**
 * Registers `element` as `tag`, unless something else is: a page can hold the scripts of two versions, and the
 * tag belongs to the one that came first. The console is told once a tag. On a server there is no registry, and
 * nothing happens.
 */
export function define(tag: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements;
  if (!registry) return;
  const first: (CustomElementConstructor & Versioned) | undefined = registry.get(tag);
  if (first === undefined) {
    registry.define(tag, element);
    return;
  }
  if (first === element || first.version === VERSION) return;
  const owner = first.version === undefined ? 'another library' : `othello-lens ${first.version}`;
  // biome-ignore lint/suspicious/noConsole: whoever put two versions on a page has to be told.
  console.warn(
    `<${tag}> is defined by ${owner} on this page already, which goes on drawing it; othello-lens ${VERSION} leaves it alone.`,
  );
}
