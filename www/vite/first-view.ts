import type { Rolldown } from 'vite';

/**
 * Puts all that `entry` imports at once into one file, which is a tenth shorter than many of them when it is
 * compressed; what is imported later comes in files of its own.
 */
export function firstView(entry: string): Rolldown.CodeSplittingOptions {
  let first: ReadonlySet<string> | null = null;
  return {
    groups: [
      {
        name: (id, context) => {
          first ??= reached(entry, context);
          return first.has(id) ? 'page' : null;
        },
      },
    ],
  };
}

/** The modules that `entry` imports, and those that they import. */
function reached(entry: string, context: Rolldown.ChunkingContext): ReadonlySet<string> {
  const all = new Set([entry]);
  // A set hands out what is added on the way, too.
  for (const id of all)
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) all.add(imported);
  return all;
}
