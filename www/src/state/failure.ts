import { LensError } from 'othello-lens';

/** Something that did not work, in words for people. */
export interface Failure {
  /** What did not work. */
  title: string;
  /** What was found. */
  what: string;
  /** What to do about it. */
  remedy: string;
  /** Whether trying again can help. */
  retry: boolean;
}

/** Whether `error` says that nobody waits for the answer any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Whether what gave `error` is of no more use: its worker is gone, or its code has trapped. */
export function isFatal(error: unknown): boolean {
  return !(error instanceof LensError) || error.code === 'internal' || error.code === 'wasm_failed';
}

function remedyOf(error: unknown): { remedy: string; retry: boolean } {
  if (!(error instanceof LensError)) {
    return { remedy: 'This should not happen. Reload the page; if it stays, please report it.', retry: true };
  }
  switch (error.code) {
    case 'network':
      return {
        remedy: 'Check the connection and try again: the download resumes where it stopped.',
        retry: true,
      };
    case 'blocked':
      return {
        remedy:
          'Whoever runs that server, or this site, has to allow it. A bundle that is copied beside the page can always be read.',
        retry: true,
      };
    case 'file_missing':
      return {
        remedy:
          'The site is not complete. If it is yours, copy the whole folder models/ beside the page; then try again.',
        retry: true,
      };
    case 'file_damaged':
      return {
        remedy: 'What came is not what was published. Try again; if it stays, upload the file anew.',
        retry: true,
      };
    case 'bad_manifest':
    case 'bad_weights':
      return {
        remedy: 'The model bundle is faulty. If the site is yours, build the bundle anew.',
        retry: true,
      };
    case 'too_large':
      return {
        remedy: 'Close other tabs and try again, or take a smaller model or SAE.',
        retry: true,
      };
    case 'newer_format':
      return {
        remedy: 'The model is newer than this page. Reload without the cache, or update the page.',
        retry: false,
      };
    case 'older_format':
      return {
        remedy: 'The model is older than this page. If the site is yours, build the bundle anew.',
        retry: false,
      };
    case 'needs_browser':
      return { remedy: 'The page needs a browser that can start workers.', retry: false };
    case 'gpu_unavailable':
      return { remedy: 'Run on the CPU instead: it computes the same numbers.', retry: false };
    case 'wasm_failed':
      if (error.details.url !== undefined) {
        return {
          remedy:
            'Check the connection, and that nothing blocks this file. If the site is yours, copy its whole folder; then try again.',
          retry: true,
        };
      }
      return {
        remedy:
          'The page needs WebAssembly with SIMD: a browser from 2023 or later, without an extension or policy that blocks it.',
        retry: true,
      };
    default:
      return {
        remedy: 'This should not happen. Reload the page; if it stays, please report it.',
        retry: true,
      };
  }
}

/** Words for `error`, under `title`. */
export function failureOf(title: string, error: unknown): Failure {
  const what = error instanceof Error ? error.message : String(error);
  return { title, what, ...remedyOf(error) };
}
