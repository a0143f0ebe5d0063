import type { Plugin } from 'vite';

/** Lets each page say what to do where it is opened as a file: a module could not. */
export function unserved(): Plugin {
  return {
    name: 'unserved',
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: './unserved.js', defer: true }, injectTo: 'head' },
    ],
  };
}
